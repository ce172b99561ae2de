/* SPDX-License-Identifier: MIT */
/*
 * The cut over time: the lowest score that was published in a decision, in so many stretches of one
 * length, which grow with the time that there is. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CUT_STRETCHES = 24, CUT_MS_MIN = 60000 };

struct cut_stretch {
    size_t decisions;
    double sum, low, high;
};

/* Zeroed: none. */
struct cuts {
    int64_t begin_ms, length_ms; /* of the first stretch, and of each */
    struct cut_stretch stretches[CUT_STRETCHES];
};

/* One before the first is left out. */
void cuts_add(struct cuts *cuts, int64_t at_ms, double score);
