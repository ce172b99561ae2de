/* SPDX-License-Identifier: MIT */
/*
 * What became of an entry of the signal stream: the one list that the plan, CYCLE, FATE lines and
 * counters share.
 *
 * Every entry has one fate, and is counted when that fate is final, which is when Redis confirmed
 * its ACK. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"

/* In the order in which CYCLE names them; new ones at the end. */
enum fate {
    FATE_PUBLISHED,
    FATE_OUTRANKED,
    FATE_LOW_CONFIDENCE,
    FATE_INVALID,
    FATE_STALE,
    FATE_HOLD,
    FATE_DUPLICATE,
    FATE_SAME_SYMBOL,
    FATE_BELOW_SUPER,
    FATE_NO_SLOTS,
    FATE_SAFE_MODE,
    FATE_CLOSE,
    FATE_COOLDOWN,
    FATE_NOT_LISTED,
    FATE_COUNT,
};

struct tally {
    uint64_t of[FATE_COUNT];
};

/* "published", "low_confidence", … */
const char *fate_name(enum fate fate);

/* The fate of an entry that was dropped when it was read. */
enum fate fate_of_drop(enum drop drop);

void tally_add(struct tally *tally, const struct tally *more);
uint64_t tally_total(const struct tally *tally);
/* Of the fates of those that were weighed, and did not fall out before. */
uint64_t tally_candidates(const struct tally *tally);
