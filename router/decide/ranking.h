/* SPDX-License-Identifier: MIT */
/*
 * The order of candidates: higher score, then higher confidence, then the earlier signal. Total and
 * stable: two different entries never tie. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"

struct score_rules {
    double gate_bonus;   /* rl_gate_pass */
    double regime_bonus; /* the regime is known */
};

struct candidate {
    struct signal *signal;
    double score;
    int64_t score_nano; /* the score at nine decimals, which is what ranks: float noise decides
                           nothing */
    bool is_seen;       /* it was asked whether Redis speaks against it */
    bool is_hopeless;   /* and does: it would be a duplicate, or its symbol's cooldown lasts */
};

struct candidate ranking_score(const struct score_rules *rules, struct signal *signal);

/* Negative when a ranks before b. */
int ranking_compare(const struct candidate *a, const struct candidate *b);

void ranking_sort(struct candidate *candidates, size_t count);
