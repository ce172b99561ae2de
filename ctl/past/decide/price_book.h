/* SPDX-License-Identifier: MIT */
/*
 * Symbols by number, and the last prices of each: what was known at a moment, and nothing of after
 * it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text_set.h"
#include "common/trade/signal.h"

enum {
    PRICE_SYMBOLS_MAX = 4096, /* more are not told apart: they have no number */
    PRICES_KEPT = 16,         /* of each: who asks comes seconds after the moment that he asks of */
    PRICE_AGE_MS_MAX =
        30000, /* an older one is not known: three rounds of the archive were missed */
};
#define PRICE_SYMBOL_NONE SIZE_MAX

struct price_moment {
    int64_t at_ms;
    double price;
};

struct price_symbol {
    char name[SYMBOL_MAX + 1];
    struct price_moment kept[PRICES_KEPT];
    size_t next, count;
};

struct price_book {
    struct price_symbol *symbols;
    size_t count;
    struct text_set names;
    size_t *numbers; /* by their slots */
};

void price_book_init(struct price_book *book);
void price_book_deinit(struct price_book *book);

/* PRICE_SYMBOL_NONE: there are too many. */
size_t price_book_symbol(struct price_book *book, const char *name);
const char *price_book_name(const struct price_book *book, size_t symbol);

/* Moments come in order. */
void price_book_note(struct price_book *book, size_t symbol, int64_t at_ms, double price);

/* The last price at that moment or before; false: it is not known. */
bool price_book_at(const struct price_book *book, size_t symbol, int64_t at_ms, double *ret_price);
