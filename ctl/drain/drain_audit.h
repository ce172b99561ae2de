/* SPDX-License-Identifier: MIT */
/*
 * quantumctl drain --summary: the audit stream, counted by run and action.
 */
#pragma once

#include <stdbool.h>

#include "ctl/frame/command.h"

/* Returns the exit status. */
int drain_audit_summary(const struct invocation *invocation, const char *audit, bool is_json);
