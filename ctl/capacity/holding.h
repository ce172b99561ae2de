/* SPDX-License-Identifier: MIT */
/*
 * What a neighbour's hash of one symbol says: whether the symbol is held, and on which side. The
 * fields' names are the caller's; their values are texts, as HMGET gives them. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/options/options.h"
#include "common/redis/reply.h"

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
