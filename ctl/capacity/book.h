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

#include "common/options/options.h"
#include "common/redis/reply.h"
#include "common/trade/held.h"

/*
 * What a neighbour's hash of one symbol says: whether the symbol is held, and on which side. The
 * fields' names are the caller's; their values are texts, as HMGET gives them. Pure.
 */

struct holding_rules {
    struct names amounts; /* the first one that is there counts */
    const char *side;     /* "": an amount without a sign is a BUY */
    const char *at;       /* "": its age does not matter */
    int64_t stale_ms;
};

enum holding {
    HOLDING_FLAT,
    HOLDING_BUY,
    HOLDING_SELL,
    /* What cannot be believed of one that is held, or may be: */
    HOLDING_NO_AMOUNT,
    HOLDING_BAD_AMOUNT,
    HOLDING_BAD_SIDE,
    HOLDING_BAD_TIME,
    HOLDING_STALE,
};

/* How many values there are: of each amount, then of side and time, where these are asked for. */
size_t holding_values(const struct holding_rules *rules);

/* `values` as HMGET gives them, NULL bytes where a field is not there. */
enum holding holding_read(const struct holding_rules *rules, const struct reply_text *values,
                          int64_t now_ms);

/* "has no amount", for a person. */
const char *holding_trouble(enum holding holding);

/* More keys than this are not looked at: readers of the hash take no more symbols. */
enum { BOOK_KEYS_MAX = HELD_SYMBOLS_MAX };

struct book {
    struct held *held; /* closed: in the order of the symbols */
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

void book_release(struct book *book);
