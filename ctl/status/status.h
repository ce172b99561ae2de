/* SPDX-License-Identifier: MIT */
/*
 * quantumctl status: what both services do and what is in Redis, with a verdict.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command status_command;
