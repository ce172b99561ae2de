/* SPDX-License-Identifier: MIT */
/*
 * The entries that others read, as names and values, which are the arguments of the scripts that
 * write them: a result, and an order for an adapter.
 */
#pragma once

#include "common/redis/command.h"
#include "executor/decide/result.h"

void outgoing_add_result(const struct result *result, struct command *command);

/* The same, behind the number of these arguments. */
void outgoing_add_result_counted(const struct result *result, struct command *command);

/* The order of an intent that is handed over; it must not be acted on after the deadline. */
void outgoing_add_order(const struct order *order, int64_t now_ms, int64_t deadline_ms,
                        struct command *command);
