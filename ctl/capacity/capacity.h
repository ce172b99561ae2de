/* SPDX-License-Identifier: MIT */
/*
 * quantumctl capacity: the count of open orders, shown, set, and kept after a neighbour's hashes.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command capacity_command;
