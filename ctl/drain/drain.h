/* SPDX-License-Identifier: MIT */
/*
 * quantumctl drain: a backlog of trade intents passes filters.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command drain_command;
