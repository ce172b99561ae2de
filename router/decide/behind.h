/* SPDX-License-Identifier: MIT */
/*
 * Whether signals are dropped because their own timestamps are wrong, and not because they are old:
 * all that was read in a minute was stale by its timestamp alone. A zone that the producer does not
 * write looks like that. Embedded in the report. Pure: the time comes as an argument.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/signal.h"

struct behind {
    uint64_t begun_ms; /* monotonic; 0: nothing was read since */
    uint64_t stale;    /* in this minute, by the own timestamp alone */
    uint64_t others;   /* whose timestamp was looked at, too, and was not too old */
    int64_t least_ms;  /* that one of the stale ones lay behind its id */
    int64_t told_ms;   /* the same of the last minute that had one; 0: it was well */
};

void behind_note(struct behind *behind, const struct signal_verdict *verdict, uint64_t now_ms);

/* True: a minute is over in which all was stale so. */
bool behind_take(struct behind *behind, uint64_t now_ms);
