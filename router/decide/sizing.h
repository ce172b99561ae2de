/* SPDX-License-Identifier: MIT */
/*
 * The size of an intent: the best of a cycle get more, nobody more than the ceiling. Pure.
 */
#pragma once

#include <stdbool.h>

/* Ranks that have a boost of their own. */
#define SIZING_RANKS 2

struct sizing_rules {
    double max_position_usd;
    double factor[SIZING_RANKS];         /* of rank 1, rank 2 */
    double min_confidence[SIZING_RANKS]; /* below it: no boost */
};

struct sizing {
    double base_usd;
    double boosted_usd; /* to the cent, before the ceiling */
    double size_usd;    /* what is published; 0.00 must not be */
    double boost;       /* the rank's factor */
    double factor;      /* what was really applied, the ceiling included */
    bool clamped;
};

struct sizing sizing_apply(const struct sizing_rules *rules, unsigned rank, double base_usd,
                           double confidence);

/* A quantity, scaled as the size was, to eight decimals. */
double sizing_quantity(const struct sizing *sizing, double quantity);
