/* SPDX-License-Identifier: MIT */
/*
 * quantumctl explain: why a signal was chosen or not, and what would have passed it.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command explain_command;
