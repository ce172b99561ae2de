/* SPDX-License-Identifier: MIT */
/*
 * A cycle to be decided: the usual rules, a world in which all is well, and a window. A test
 * changes what it is about and says which fates it expects.
 */
#pragma once

#include "router/decide/plan.h"
#include "tests/unit/support.h"

/* One cycle and what it looks at. */
struct cycle {
    struct plan_rules rules;
    struct snapshot snapshot;
    char marked[16];
    char cooling[16];
    char held[16];
    struct held_value held_values[16];
    char super_times[80];
    char day_counts[80];
    char minute_counts[80];
    struct window window;
    struct plan plan;
};

/* The window goes to the cycle. */
struct cycle cycle_of(int64_t open, struct window window);

/* Decides; the flags of more than fifteen candidates are the caller's. */
void cycle_decide(struct cycle *cycle);
void cycle_decide_with(struct cycle *cycle, char *marked, char *cooling, char *held);

/* The same; "BTC published 1, ETH outranked 2": the fates and ranks in the order of the window. */
void expect_fates(struct cycle *cycle, const char *wanted);

void finish(struct cycle *cycle);

/* A signal of this very moment. */
struct signal *fresh(const char *symbol, double confidence, unsigned sequence);
