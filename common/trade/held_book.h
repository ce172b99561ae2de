/* SPDX-License-Identifier: MIT */
/*
 * What is held as a whole, and whether it is known: whether the hash that says it can be read and
 * agrees with the count of open orders. The one rule of that, for the router and for the tools.
 * Begins as {0}; a hash that cannot be read as such begins with what is wrong with it. Then each
 * of its fields is added, and at the end it is judged. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/held.h"

enum holdings_state {
    HOLDINGS_KNOWN,
    HOLDINGS_NO_COUNT, /* open orders are not known */
    HOLDINGS_MISSING,
    HOLDINGS_FORBIDDEN,
    HOLDINGS_WRONG_TYPE,
    HOLDINGS_TOO_MANY,        /* symbols */
    HOLDINGS_TOO_LARGE,       /* in bytes, for what symbols take */
    HOLDINGS_FLIGHT_TOO_MUCH, /* intents, or bytes of them: the router looks at these too */
    HOLDINGS_MALFORMED,       /* a field */
    HOLDINGS_OTHER_SUM,       /* than the open orders */
};

struct held_book {
    enum holdings_state state; /* of the hash alone, as far as it was read */
    size_t symbols;
    int64_t sum; /* of the positions */
};

/* False: the field is malformed, and from now on the book is. */
bool held_book_add(struct held_book *book, const char *name, size_t name_length, const char *value,
                   size_t value_length, struct held *ret_held) __attribute__((warn_unused_result));

/* A hash that is missing holds nothing. */
enum holdings_state held_book_judge(const struct held_book *book, bool is_counted,
                                    int64_t open_orders);
