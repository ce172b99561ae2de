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

/*
 * In the order in which CYCLE names them; `not_listed` ends it, and new ones come before. CYCLE
 * counts as candidates what was WEIGHED. The system tests read this list.
 */
#define FATES(FATE)                                                                                \
    FATE(PUBLISHED, "published", WEIGHED)                                                          \
    FATE(OUTRANKED, "outranked", WEIGHED)                                                          \
    FATE(LOW_CONFIDENCE, "low_confidence", DROPPED)                                                \
    FATE(INVALID, "invalid", DROPPED)                                                              \
    FATE(STALE, "stale", DROPPED)                                                                  \
    FATE(HOLD, "hold", DROPPED)                                                                    \
    FATE(DUPLICATE, "duplicate", WEIGHED)                                                          \
    FATE(SAME_SYMBOL, "same_symbol", WEIGHED)                                                      \
    FATE(BELOW_SUPER, "below_super", WEIGHED)                                                      \
    FATE(NO_SLOTS, "no_slots", WEIGHED)                                                            \
    FATE(SAFE_MODE, "safe_mode", WEIGHED)                                                          \
    FATE(CLOSE, "close", DROPPED)                                                                  \
    FATE(COOLDOWN, "cooldown", WEIGHED)                                                            \
    FATE(SYMBOL_HELD, "symbol_held", WEIGHED)                                                      \
    FATE(OPPOSITE_HELD, "opposite_held", WEIGHED)                                                  \
    FATE(NOT_LISTED, "not_listed", DROPPED)

#define FATE_MEMBER(fate, name, kind) FATE_##fate,
enum fate { FATES(FATE_MEMBER) FATE_COUNT };
#undef FATE_MEMBER

struct tally {
    uint64_t of[FATE_COUNT];
};

/* "published", "low_confidence", … */
const char *fate_name(enum fate fate);

/* Of a candidate. */
bool fate_is_weighed(enum fate fate);

/* The fate of an entry that was dropped when it was read. */
enum fate fate_of_drop(enum drop drop);

void tally_add(struct tally *tally, const struct tally *more);
uint64_t tally_total(const struct tally *tally);

/* Of the fates of those that were weighed, and did not fall out before. */
uint64_t tally_candidates(const struct tally *tally);
