/* SPDX-License-Identifier: MIT */
/*
 * The decision: one pure function from a snapshot and a window to a plan.
 *
 * The plan says for every candidate what becomes of it and why; log lines, counters and the commit
 * all come from it. It points at the window's candidates by their index, in the order of their
 * rank, so the window must not change while the plan is in use. Nothing here has happened yet: a
 * plan comes true when its commit is confirmed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/trade/intent.h"
#include "router/decide/fate.h"
#include "router/decide/policy.h"
#include "router/decide/sizing.h"
#include "router/decide/snapshot.h"
#include "router/decide/window.h"

/* The number of this decision: raised when the same input may lead to another plan. */
#define DECISION_CORE 1

struct plan_rules {
    struct capacity_rules capacity;
    struct sizing_rules sizing;
    int64_t max_age_ms;
    bool one_per_symbol;
    bool has_cooldown;     /* a symbol rests after it was published */
    bool carries_quantity; /* a signal's, scaled as its size is */
    bool adds_to_held;     /* a symbol may be published that is held on the same side */
    bool passes_opposite;  /* the same on the other side */
};

struct verdict {
    enum fate fate;
    unsigned rank; /* among those that contended for a place, with or without success; 0: did not */
};

struct choice {
    size_t index; /* of the candidate */
    unsigned rank;
    struct sizing sizing;
};

struct plan {
    struct allowance allowance;
    bool safe_mode;
    bool carries_quantity;
    size_t fresh_supers;      /* candidates confident enough to pass the target; not the stale, the
                                 duplicates and those whose symbol is held */
    char *day_counts;         /* what the commit is to note: see notes.h; owned */
    char *minute_counts;      /* the same, this plan included; owned */
    char *super_times;        /* as the commit keeps them, those of this plan included */
    struct verdict *verdicts; /* one per candidate */
    size_t count;
    struct choice *choices; /* by rank */
    size_t chosen;
    struct tally tally;
};

/* The window must be ranked, and the snapshot's flags must speak of its candidates in that order.
 */
void plan_make(const struct plan_rules *rules, const struct snapshot *snapshot,
               const struct window *window, struct plan *ret_plan);

void plan_release(struct plan *plan);

/* The intent of a choice; the caller owes intent_release(). */
void plan_intent(const struct plan *plan, const struct window *window, size_t choice,
                 int64_t now_ms, const char *cycle_id, struct intent *ret_intent);

/*
 * Before the decision: moves to `held` the candidates that may have been published already, on a
 * server whose last seconds this one lacks. These are older, by their id or by their own timestamp,
 * than snapshot->unsure_since_ms. They stay pending and are looked at with every window: they go on
 * when an operator resumes, and are dropped when they are stale. What is stale now stays, to be
 * dropped. Where loss is known nothing is held, for nothing is published. The snapshot's flags go
 * on speaking of what stays.
 */
void plan_hold_back(struct window *held, struct window *window, struct snapshot *snapshot,
                    int64_t max_age_ms);
