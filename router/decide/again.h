/* SPDX-License-Identifier: MIT */
/*
 * A recorded decision made again by the same rules, and whether the same comes of it. Pure: the
 * settings of that time come by value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "router/decide/plan.h"
#include "router/decide/ranking.h"
#include "router/decide/record_read.h"

enum again_outcome {
    AGAIN_IDENTICAL,      /* all that is recorded came again */
    AGAIN_CUT_SHORT,      /* the same of the rows that there are: not all fitted */
    AGAIN_NOT_COMPARABLE, /* nobody can decide it again here */
    AGAIN_DIFFERS,
};

#define AGAIN_WHY_MAX 256

struct again {
    enum again_outcome outcome;
    char why[AGAIN_WHY_MAX]; /* of what is not comparable, and the first difference */
};

struct again_rules {
    struct plan_rules plan;
    struct score_rules score;
};

/* "identical", "cut short", "not comparable", "differs". */
const char *again_name(enum again_outcome outcome);

/* Decides it by these rules, those of its own time or others; the caller owes plan_release().
 * Scores and dates of its candidates are set for it. Only of one that was read. */
void again_decide(struct recorded *recorded, const struct again_rules *rules,
                  struct plan *ret_plan);

/* Why it cannot be decided again by this program, in `ret_again`; false: it can. `any_core`: also
 * where another core decided it. */
bool again_is_beyond(const struct recorded *recorded, bool any_core, struct again *ret_again);

/* A plan that was made by the rules of that time, against what is recorded. */
struct again again_compare(const struct recorded *recorded, const struct plan *plan);

/* An intent of it, by the text of its payload: whether the plan's is the same in what was decided:
 * rank, size and factor among it. False: `ret_again` says what differs. `choice` counts from 0. */
bool again_compare_intent(const struct recorded *recorded, const struct plan *plan, size_t choice,
                          const char *payload, size_t length, struct again *ret_again);
