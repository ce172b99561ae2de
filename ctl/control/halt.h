/* SPDX-License-Identifier: MIT */
/*
 * quantumctl halt: the key of safe mode is set.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command halt_command;
