/* SPDX-License-Identifier: MIT */
/*
 * Which way a document points: what it opens, or that it means an exit. The one place that knows;
 * the router asks it of signals, the executor of intents, and the tools of both.
 *
 * `side`, `action` and `direction` are all read, and `reduce_only` and `reduceOnly` before them.
 * What means an exit in any of them is one, whatever the others say; then HOLD counts; only what is
 * left may open. What is odd in reduce_only means an exit, because that loses less. Pure.
 */
#pragma once

#include <stdbool.h>

#include "common/trade/fields.h"

enum intention { INTENT_BUY, INTENT_SELL, INTENT_HOLD, INTENT_CLOSE };

struct direction {
    enum intention intention;
    /* INTENT_CLOSE: which positions it is for; both where it names none. */
    bool of_long;
    bool of_short;
    bool is_partial; /* PARTIAL_CLOSE: how much of it, nobody here reads */
};

/* False: another word, two that disagree, or none. */
bool direction_read(const struct fields *fields, struct direction *ret_direction)
    __attribute__((warn_unused_result));

/* Whether this name takes part in it, so that nothing else may carry it. */
bool direction_reserves(const char *name);

/* "BUY", "SELL", "HOLD", "CLOSE". */
const char *intention_name(enum intention intention);
