/* SPDX-License-Identifier: MIT */
/*
 * What the demo says at its end: the sums of the router's own CYCLE lines and of the executor's
 * results, held against what was fed and what Redis has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/demo/demo_show.h"
#include "ctl/demo/demo_tally.h"
#include "ctl/demo/demo_trades.h"

struct demo_evidence {
    const struct demo_tally *tally;
    struct demo_trades *trades; /* NULL: the executor was not started */
    uint64_t fed;               /* signals that Redis has taken from the demo */
    uint64_t intents;           /* that Redis has counted into the stream */
    bool is_over;               /* the executor runs no more, so that nothing changes */
    int64_t positions;          /* that Redis has */
    uint64_t waiting;           /* intents that are not settled: safe mode came, or the end */
    const char *stream;
};

/* Returns whether the services and Redis tell the same. */
bool demo_summary_show(const struct demo_evidence *evidence, struct demo_show *show);
