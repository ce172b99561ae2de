/* SPDX-License-Identifier: MIT */
/*
 * quantumctl replay: every recorded decision made again, and whether the same comes of it.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command replay_command;
