/* SPDX-License-Identifier: MIT */
/*
 * What the demo says at its end: the sums of the router's own CYCLE lines, held against what was
 * fed and what Redis has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/demo_show.h"
#include "ctl/demo_tally.h"

struct demo_evidence {
    const struct demo_tally *tally;
    uint64_t fed;     /* signals that Redis has taken from the demo */
    uint64_t intents; /* that Redis has counted into the stream */
    const char *stream;
};

/* Returns whether the router and Redis tell the same. */
bool demo_summary_show(const struct demo_evidence *evidence, struct demo_show *show);
