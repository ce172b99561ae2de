/* SPDX-License-Identifier: MIT */
/*
 * The bar: what a newcomer must rank above to stay in a window that has been thinned.
 *
 * The candidates that were kept are the first so many in the order of place and rank. More of them
 * only push each other back, so one that would stand behind the last one kept falls at the next
 * thinning for certain, and need not come in. It points to candidates that are in the window, and
 * is raised anew or let go before they leave. Embedded in the window. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text_set.h"
#include "router/decide/ranking.h"

/* A candidate, and its place among those of its symbol: 0 for the best one. */
struct placed {
    struct candidate candidate;
    size_t place;
};

struct bar {
    bool is_raised;
    struct text_set symbols;  /* those with as many candidates as any may have */
    struct candidate *limits; /* of these, by their slots */
    bool is_for_all;          /* no symbol may have two: a new one must rank above `last` */
    struct candidate last;
};

/* `kept` is in the order of place and rank, and not empty. */
void bar_raise(struct bar *bar, const struct placed *kept, size_t count);

bool bar_is_above(const struct bar *bar, const struct candidate *newcomer);

void bar_drop(struct bar *bar);
