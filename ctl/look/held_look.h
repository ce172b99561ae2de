/* SPDX-License-Identifier: MIT */
/*
 * What is held, read with the count of open orders at one moment, and whether both agree: if they
 * do not, the router does not go by it. Beside it the positions that the executor keeps itself,
 * which tell more of each.
 *
 * Lives until held_look_release(); texts are escaped.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/held_book.h"
#include "ctl/frame/ask.h"
#include "executor/decide/position.h"
#include "executor/settings/executor_settings.h"
#include "router/decide/policy.h"

extern const char held_look_lua[];

struct held_look {
    int64_t now_ms; /* Redis' clock */
    struct open_orders open;

    struct held *held; /* what can be read of it, in the order of the symbols */
    size_t held_count;
    int64_t held_sum;
    enum holdings_state state; /* whether it agrees with the open orders */
    char *why;                 /* it does not agree, or is not known; empty: it agrees */

    bool positions_known;
    int64_t position_count;     /* of all, also of those that cannot be read */
    struct position *positions; /* where they were asked for */
    size_t positions_read;
};

/* Whose keys they are. */
struct held_keys {
    const char *open_orders, *held, *positions;
};

/* Negative: it could not be read, and that was told. */
int held_look_read(const struct ask *ask, const struct held_keys *keys, bool wants_positions,
                   struct held_look *ret_look) __attribute__((warn_unused_result));
void held_look_release(struct held_look *look);

/* "agrees: 2 open, 2 held", "disagrees: 3 open, 2 held", "not known: … is missing"; the caller
 * frees it. */
char *held_look_verdict(const struct held_look *look);

/* In documents. New references. */

/* "key", "count", "agrees", "why". */
json_t *held_json(const struct held_look *look, const char *key);

/* "key", "count" of the executor's. */
json_t *held_positions_json(const struct held_look *look, const char *key);
