/* SPDX-License-Identifier: MIT */
/*
 * A result as an entry of the result stream: its names and values, as arguments of the scripts that
 * write it.
 */
#pragma once

#include "common/redis/command.h"
#include "executor/decide/result.h"

/* Names and values of the entry. */
void result_entry_add(const struct result *result, struct command *command);

/* The same behind their number. */
void result_entry_add_counted(const struct result *result, struct command *command);
