/* SPDX-License-Identifier: MIT */
/*
 * quantumctl archive: follows what was decided, read and done, and keeps it in files of days, until
 * a signal ends it.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command archive_command;
