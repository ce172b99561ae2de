/* SPDX-License-Identifier: MIT */
/*
 * The window: the candidates that have come in since the last decision.
 *
 * It owns their signals. It is bounded by count and by weight; when it is over, window_thin() cuts
 * it back in one go to three quarters, so that the cost per signal stays the same however many
 * come. What falls out are those that have no hope, as far as anybody has asked, and then the
 * lowest ranked of the most crowded symbols: never the best of a symbol while another symbol has
 * two. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text_set.h"
#include "router/decide/ranking.h"

struct window_limits {
    size_t candidates_max;
    size_t weight_max; /* bytes */
};

/*
 * What a newcomer must rank above to stay in a window that has been thinned.
 *
 * The candidates that were kept are the first so many in the order of place and rank. More of them
 * only push each other back, so one that would stand behind the last one kept falls at the next
 * thinning for certain, and need not come in. It points to candidates that are in the window, and
 * is raised again or dropped before they leave.
 */
struct bar {
    bool is_raised;
    struct text_set symbols;  /* those with as many candidates as any may have */
    struct candidate *limits; /* of these, by their slots */
    bool is_for_all;          /* no symbol may have two: a new one must rank above `last` */
    struct candidate last;
};

struct window {
    struct candidate *candidates;
    size_t count;
    size_t room;
    size_t weight;
    struct bar bar;
    uint64_t moves; /* since when the candidates stand where they do; new ones come at the end */
};

/* Whether this one, if it came in, would certainly fall at the next thinning. */
bool window_would_drop(const struct window *window, const struct candidate *newcomer);

/* Takes the candidate, and its signal with it. */
void window_add(struct window *window, struct candidate candidate);

bool window_is_over(const struct window *window, const struct window_limits *limits);

/* Moves what must go to `ret_fallen`, which gets its signals too. */
void window_thin(struct window *window, const struct window_limits *limits,
                 struct window *ret_fallen);

/* Moves all candidates of `from` into `window`. */
void window_absorb(struct window *window, struct window *from);

/* Whether an entry of this id is among them. */
bool window_has(const struct window *window, struct stream_id id);

/* Puts the candidates into the order of their rank. */
void window_rank(struct window *window);

/* Frees all signals; the window is empty and may be used again. */
void window_clear(struct window *window);
