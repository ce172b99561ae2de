/* SPDX-License-Identifier: MIT */
/*
 * quantumctl compare: how two status documents differ.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command compare_command;
