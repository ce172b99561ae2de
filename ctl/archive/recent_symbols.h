/* SPDX-License-Identifier: MIT */
/*
 * The symbols that stand in recent records, each for an hour since it stood in one last. Bounded:
 * where there are too many, the one that is not seen for longest makes room. Owned by the archive.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"

enum { RECENT_SYMBOLS_MAX = 1000, RECENT_SYMBOL_MS = 3600000 };

struct recent_symbol {
    char name[SYMBOL_MAX + 1];
    int64_t seen_ms;
};

/* Zeroed: none. */
struct recent_symbols {
    struct recent_symbol *list;
    size_t count;
};

/* Those of a record's rows. */
void recent_symbols_note(struct recent_symbols *symbols, const char *rows, size_t length,
                         int64_t now_ms);

/* Lets go of what is an hour old. */
void recent_symbols_age(struct recent_symbols *symbols, int64_t now_ms);
void recent_symbols_release(struct recent_symbols *symbols);
