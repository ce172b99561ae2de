/* SPDX-License-Identifier: MIT */
/*
 * quantumctl trim: removes old entries from a stream.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command trim_command;

extern const char trim_lua[];
