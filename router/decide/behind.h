/* SPDX-License-Identifier: MIT */
/*
 * Whether signals are dropped because their own timestamps are wrong, and not because they are old:
 * all that was read in a minute was stale by its timestamp alone. That is what it looks like when
 * the producer leaves out its time zone. Embedded in the intake. Pure: the time comes as an
 * argument.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/signal.h"

struct behind {
    uint64_t begun_ms; /* monotonic; 0: nothing was read since */
    uint64_t stale;    /* in this minute, by the own timestamp alone */
    uint64_t others;   /* in this minute, whose own timestamp was not too old */
    int64_t least_ms;  /* the least that a stale one's timestamp lay behind its id */
    int64_t told_ms;   /* the same of the last minute; 0: that one was well */
};

void behind_note(struct behind *behind, const struct signal_verdict *verdict, uint64_t now_ms);

/* True: a minute is over, and all that was read in it was stale by its own timestamp alone. */
bool behind_take(struct behind *behind, uint64_t now_ms);
