/* SPDX-License-Identifier: MIT */
/*
 * The last prices of symbols at one moment, as somebody writes them down in Redis. Owned by the one
 * who asks, until last_prices_release().
 */
#pragma once

#include "common/base/number.h"
#include "common/redis/client.h"
#include "ctl/archive/recent_symbols.h"

struct last_price {
    const char *symbol; /* the symbols' */
    char value[NUMBER_TEXT_MAX];
};

struct last_prices {
    struct last_price *list;
    size_t count;
};

/* What is no price is left out. `start` is that of the names of the keys. Negative: the connection
 * broke. */
int last_prices_read(struct client *client, const char *start, const struct recent_symbols *symbols,
                     struct last_prices *ret_prices) __attribute__((warn_unused_result));
void last_prices_release(struct last_prices *prices);
