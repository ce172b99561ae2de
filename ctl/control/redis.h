/* SPDX-License-Identifier: MIT */
/*
 * quantumctl redis: one command of Redis' own, asked as the configuration says.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command redis_command;
