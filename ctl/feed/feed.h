/* SPDX-License-Identifier: MIT */
/*
 * quantumctl feed: generated signals, written at a pace or as a backlog.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command feed_command;
