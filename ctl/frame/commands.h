/* SPDX-License-Identifier: MIT */
/*
 * The commands of quantumctl, each defined in its own file or folder. main has them in a list; they
 * do not know each other.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command capacity_command, check_command, compare_command, demo_command,
    dlq_command, drain_command, feed_command, groups_command, halt_command, resume_command,
    send_command, status_command, trim_command;
