/* SPDX-License-Identifier: MIT */
/*
 * What the router's own log says has happened: its CYCLE lines, summed up by the state that it was
 * in.
 *
 * A state holds from the line that tells it to the next one, safe mode over the state of the
 * capacity until it is cleared. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/demo/demo_line.h"

enum demo_state {
    DEMO_UNTOLD, /* no state was told yet */
    DEMO_UNKNOWN,
    DEMO_UNPARSEABLE,
    DEMO_OK,
    DEMO_TARGET,
    DEMO_FULL,
    DEMO_SAFE_MODE,
    DEMO_STATE_COUNT,
};

enum { DEMO_OPEN_ROOM = 24 };

struct demo_counts {
    uint64_t cycles;
    uint64_t read;
    uint64_t candidates;
    uint64_t published;
};

struct demo_tally {
    enum demo_state capacity;
    bool is_safe;
    char open[DEMO_OPEN_ROOM]; /* open orders as the last state line had them */
    struct demo_counts of[DEMO_STATE_COUNT];
    bool has_super;        /* the cycle whose CYCLE comes next */
    uint64_t super_cycles; /* in the target state, with a super-signal that passed */
};

/* Whether the line tells a change, and not what comes with every window. */
bool demo_tally_add(struct demo_tally *tally, const struct demo_line *line);

struct demo_counts demo_tally_sum(const struct demo_tally *tally);

/* The word that tells the state. */
const char *demo_state_word(enum demo_state state);

/* How many of the candidates did not become an intent, in percent; 0 when there was none. What is
 * weak, a hold or no signal at all, nobody would have made an intent of. */
double demo_reduction_percent(const struct demo_counts *counts);
