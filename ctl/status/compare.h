/* SPDX-License-Identifier: MIT */
/*
 * quantumctl compare: what two status documents have in another way.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command compare_command;
