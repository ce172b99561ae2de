/* SPDX-License-Identifier: MIT */
/*
 * The keys that belong to one intent, or to its symbol, as the scripts about it take them; and what
 * a script says when one of them is not as it must be: then this intent waits, or its symbol, and
 * nobody else.
 */
#pragma once

#include <hiredis/hiredis.h>

#include "common/redis/command.h"
#include "common/trade/order.h"
#include "executor/settings/executor_settings.h"

void intent_keys_add_mark(const struct executor_keys *keys, const struct order *order,
                          struct command *command);
void intent_keys_add_begun(const struct executor_keys *keys, const struct order *order,
                           struct command *command);
void intent_keys_add_last_exit(const struct executor_keys *keys, const struct order *order,
                               struct command *command);

/* The group and the entry's id, with which the arguments of each script about an intent begin. */
void intent_keys_add_entry(const struct executor_keys *keys, const struct order *order,
                           struct command *command);

/* What is wrong with one of these keys: the words of an error of the code SYMBOLKEY. NULL: it is
 * no such error. */
const char *intent_keys_fault(const redisReply *reply);
