/* SPDX-License-Identifier: MIT */
/*
 * quantumctl send: one signal, written by hand.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command send_command;
