/* SPDX-License-Identifier: MIT */
/*
 * What halts beside safe mode: keys that neighbours set, named by the option safety.also in full,
 * as "KEY", while it exists, or "KEY=VALUE", while it is a string of this value. Scripts ask them
 * where they ask safe mode (halted_by() in keys.lua). Embedded in the settings of both services.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"
#include "common/redis/command.h"
#include "common/redis/key_names.h"

/* Each costs a question wherever safe mode is asked. */
#define HALTS_MAX 8

/* Behind the safe-mode key's name: who halted, when and why, in words. */
#define HALTS_REASON ":reason"

struct halts {
    struct names also;
};

enum { HALT_OPTION_COUNT = 1 };
extern const struct option_row halt_option_rows[];

/* Refuses what names no key, no value behind '=', or, where nodes of a Cluster are the guides, a
 * key in another slot. */
void halts_check(const struct halts *halts, const struct guides *guides,
                 const struct options *options, struct complaints *complaints);

/* They are the last of a script's keys, and one of its arguments says what they are asked. */
void halts_add_keys(const struct halts *halts, struct command *command);
void halts_add_words(const struct halts *halts, struct command *command);

/* The key of the one that a script said, counted from 1; 0, or one that is not there: safe mode's.
 */
void halts_key(const struct halts *halts, size_t number, const char *safe_mode,
               char ret_key[static KEY_MAX + 1]);

/* The value that a key must have to halt, or NULL: any. */
const char *halts_value(const char *word);
