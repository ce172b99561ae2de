/* SPDX-License-Identifier: MIT */
/*
 * quantum-executor --skip-backlog: moves the group to the stream's end, so that what it was not
 * given yet is passed over, and says how many that are, before and after. What is pending stays.
 */
#pragma once

#include <stdbool.h>

#include "executor/settings/executor_settings.h"

/* Prints on stdout what it does, or would do; complains on stderr. Returns an exit status. */
int skip_backlog(const struct executor_settings *settings, bool dry_run);
