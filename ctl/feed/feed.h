/* SPDX-License-Identifier: MIT */
/*
 * quantumctl feed: made or recorded signals, written at a rate.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command feed_command;
