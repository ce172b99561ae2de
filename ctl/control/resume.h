/* SPDX-License-Identifier: MIT */
/*
 * quantumctl resume: the key of safe mode is taken away.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command resume_command;
