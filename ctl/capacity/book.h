/* SPDX-License-Identifier: MIT */
/*
 * What all of a neighbour's hashes together come to: which symbols are held, on which side and in
 * how many positions; or why that is not known, which one of them is enough for. Pure.
 *
 * The owner gives it every key with what it says, closes it, and reads it until book_release().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"
#include "ctl/capacity/holding.h"

/* More keys than this are not looked at: readers of the hash take no more symbols. */
enum { BOOK_KEYS_MAX = 10000 };

struct book_symbol {
    char symbol[SYMBOL_MAX + 1];
    enum holding side; /* HOLDING_BUY or HOLDING_SELL */
    int64_t positions;
};

struct book {
    struct book_symbol *held; /* closed: in the order of the symbols */
    size_t held_count;
    size_t keys;   /* that were looked at */
    int64_t count; /* closed: of all positions */
    char *why;     /* it is not known, and this is why, the first that was found; NULL: it is */
};

/* A key that was looked at, by its name; `name` is the part that stands for the symbol. */
void book_add(struct book *book, const char *key, const char *name, enum holding holding);

/* Not known, whatever is added. The first reason stays. */
void book_spoil(struct book *book, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All was added. Without a single key nothing is known, unless that means that nothing is held. */
void book_close(struct book *book, bool none_is_zero);

/* "BUY", or "BUY 2". */
#define BOOK_VALUE_MAX 16
void book_value(const struct book_symbol *held, char ret_text[static BOOK_VALUE_MAX]);

void book_release(struct book *book);
