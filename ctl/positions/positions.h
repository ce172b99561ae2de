/* SPDX-License-Identifier: MIT */
/*
 * quantumctl positions: what is held, and whether that agrees with the count of open orders.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command positions_command;
