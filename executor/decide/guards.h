/* SPDX-License-Identifier: MIT */
/*
 * The guards: whether an intent may still be acted on, in the order in which they ask.
 *
 * age · once only · superseded by a later exit of its symbol · safe mode and known capacity (both
 * hold) · hard cap · one position per symbol · rate per symbol · rate over all · notional and
 * leverage. What is malformed never comes here: order_read() is that guard. Exits are asked for age
 * and once only, and whether anything is open. A world is what Redis says at one moment; the
 * scripts that write ask most of it again. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/order.h"
#include "executor/decide/outcome.h"
#include "executor/decide/position.h"

struct guard_rules {
    int64_t max_age_ms;
    int64_t exit_max_age_ms;
    int64_t resume_max_age_ms; /* of what was there before a hold ended */
    int64_t future_max_ms;
    int64_t max_open;
    bool symbol_adds; /* a second position of the same side may be opened */
    int64_t symbol_rate_max;
    int64_t global_rate_max;
    double min_position_usd;
    double max_position_usd;
    double max_leverage;
    bool capacity_needed; /* an unknown count of open orders holds; else it is passed over */
};

struct world {
    int64_t now_ms;  /* Redis' time */
    bool has_mark;   /* this decision was settled */
    bool superseded; /* a later exit of its symbol was settled */
    bool safe_mode;
    bool held;             /* a hold was begun and nobody has ended it yet */
    int64_t resumed_ms;    /* when the last one ended; 0: not known, or long ago */
    bool open_known;       /* the count of open orders is there and sound */
    int64_t open;          /* as the key says */
    int64_t positions;     /* that exist */
    int64_t same_side;     /* of these, in the symbol, on the intent's side */
    int64_t opposite_side; /* and on the other */
    int64_t leaving;       /* of both, with an exit that an adapter may still act on */
    int64_t symbol_rate;   /* executions in the symbol's present window */
    int64_t global_rate;   /* and over all */
};

/* Counts what is open in the order's symbol, one position after another. NULL is one that cannot be
 * read: somebody's all the same, it counts for the order's side, and nobody closes it. True: the
 * order is an exit and closes it; one that an adapter has an exit for already it does not. */
bool world_add_position(struct world *world, const struct order *order,
                        const struct position *position);

enum guard_verdict {
    GUARD_PASS,
    GUARD_HOLD, /* stays pending; what holds is told by world */
    GUARD_END,  /* with this outcome */
};

struct guarded {
    enum guard_verdict verdict;
    enum outcome outcome; /* GUARD_END */
};

struct guarded guards_ask(const struct guard_rules *rules, const struct order *order,
                          const struct world *world);

/* The first guard alone, asked before the mark because stale ones may come by the million and get
 * no script of their own. open.lua and close.lua ask for the mark first: a settling that failed
 * midway left it, whatever the age is by now. GUARD_PASS, stale, or from the future, which an exit
 * never is: dropped for what a clock says, it would leave open what was to be closed. */
struct guarded guards_ask_age(const struct guard_rules *rules, const struct order *order,
                              int64_t now_ms, int64_t resumed_ms);

/* Until this moment the intent is young enough, by Redis' clock. */
int64_t guards_deadline_ms(const struct guard_rules *rules, const struct order *order,
                           int64_t resumed_ms);
