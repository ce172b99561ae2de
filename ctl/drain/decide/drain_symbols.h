/* SPDX-License-Identifier: MIT */
/*
 * The symbols that a drain lets through: from the command line, from files, from a set in Redis.
 * Filled first, sealed once, then asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text_set.h"

/* A longer list is no allowlist. */
enum { DRAIN_SYMBOLS_MAX = 100000 };

struct drain_symbols {
    char **list;
    size_t count;
    struct text_set set;
};

/* Takes one symbol, trimmed and in capitals. False: it is none, or one too many. */
bool drain_symbols_take(struct drain_symbols *symbols, const char *bytes, size_t length)
    __attribute__((warn_unused_result));

void drain_symbols_seal(struct drain_symbols *symbols);
bool drain_symbols_has(const struct drain_symbols *symbols, const char *symbol);
void drain_symbols_free(struct drain_symbols *symbols);
