/* SPDX-License-Identifier: MIT */
/*
 * What the demo says at its end: the sums of the router's own CYCLE lines and of the executor's
 * results, held against what was fed and what Redis has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/demo/demo_show.h"
#include "ctl/demo/demo_stage.h"
#include "ctl/demo/demo_tally.h"

/* How many intents were ever published, and how many of these the executor's group was given and
 * has not settled, or was not given yet. Negative: it went wrong and was told. */
int demo_summary_intents(struct demo_stage *stage, uint64_t *ret_count, uint64_t *ret_waiting)
    __attribute__((warn_unused_result));

/* `fed` are the signals that Redis has taken from the demo. Whether the services and Redis tell the
 * same; negative: it went wrong and was told. */
int demo_summary_show(const struct demo_tally *tally, struct demo_trades *trades, uint64_t fed,
                      struct demo_stage *stage, struct demo_show *show)
    __attribute__((warn_unused_result));
