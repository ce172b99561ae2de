/* SPDX-License-Identifier: MIT */
/*
 * quantumctl drain --summary: the audit stream, counted by run and action.
 */
#pragma once

#include <stdbool.h>

#include "router/settings.h"

/* Returns the exit status. */
int drain_audit_summary(const struct router_settings *settings, const char *audit, bool is_json);
