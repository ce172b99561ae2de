/* SPDX-License-Identifier: MIT */
/*
 * What would have had to be otherwise for a candidate to be published: its confidence alone, or one
 * option alone: of capacity, governor, positions and score, one_per_symbol, and the age. Nothing is
 * told that was not decided again with just that change.
 *
 * A candidate is judged by those above it, so only these are decided again. The number of decisions
 * is bounded: what there was no room to try is not told either way. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "router/decide/again.h"

enum {
    WOULD_PASS_MAX = 20,       /* changes that there are */
    WOULD_PASS_DECISIONS = 80, /* together for one candidate */
};

#define WOULD_PASS_TEXT_MAX 40

/* A change, and its values as one would type them. */
struct would_change {
    const char *what; /* "confidence", or an option's key */
    char from[WOULD_PASS_TEXT_MAX], to[WOULD_PASS_TEXT_MAX];
    bool is_number;
    double from_number, to_number;
};

struct would_pass {
    struct would_change passes[WOULD_PASS_MAX];
    size_t count;
    const char *not_passes[WOULD_PASS_MAX]; /* tried, to no avail */
    size_t not_count;
    unsigned decisions;
    bool is_complete; /* there was room for all */
};

struct would_subject {
    const struct recorded *recorded; /* decided again, so that scores and dates are there */
    size_t row;
    const struct again_rules *rules; /* of that time */
    long long cooldown_sec;
    const char *in_flight_group;
    bool is_by_id; /* its age counted from its id alone */
};

void would_pass_find(const struct would_subject *subject, struct would_pass *ret_found);
