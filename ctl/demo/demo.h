/* SPDX-License-Identifier: MIT */
/*
 * quantumctl demo: both services at work on generated signals, in a Redis of its own.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command demo_command;
