/* SPDX-License-Identifier: MIT */
/*
 * What can become of an intent, and by which words: the one list that guards, results, log lines
 * and counters share; and how one came to it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/order.h"

enum outcome {
    OUTCOME_FILLED,
    OUTCOME_CLOSED,
    OUTCOME_NOTHING_OPEN,
    OUTCOME_WOULD_EXECUTE,
    OUTCOME_STALE,
    OUTCOME_INVALID,
    OUTCOME_DUPLICATE,
    OUTCOME_SUPERSEDED, /* a later exit of its symbol was settled */
    OUTCOME_RATE_SYMBOL,
    OUTCOME_RATE_GLOBAL,
    OUTCOME_MAX_OPEN,
    OUTCOME_SYMBOL_OPEN,
    OUTCOME_OPPOSITE_OPEN,
    OUTCOME_MIN_NOTIONAL,
    OUTCOME_MAX_POSITION,
    OUTCOME_MAX_LEVERAGE,
    OUTCOME_NO_PRICE,
    OUTCOME_VENUE_REJECTED, /* with a reason of its own */
    OUTCOME_BEGUN_TOO_OFTEN,
    OUTCOME_EXIT_PENDING, /* an adapter has one for all that is open in the symbol */
    OUTCOME_HANDED_OVER,  /* to an exchange adapter, whose answer brings the result */
    OUTCOME_COUNT,
};

/* For counters: "filled", "duplicate", "max_open". */
const char *outcome_name(enum outcome outcome);

/* For the result's entry: "filled", "rejected", "skipped"; and its reason, which may be empty. */
const char *outcome_status(enum outcome outcome);
const char *outcome_reason(enum outcome outcome);

/* The word that operators grep for. */
const char *outcome_word(enum outcome outcome);

/* Whether its entry goes to the dead letters. */
bool outcome_is_dead_letter(enum outcome outcome);

/* Room for the mark that it leaves in Redis: the entry's id, a blank and what became of it. */
#define MARK_MAX 128

struct result;

/* How an intent came to its end: what the desk tells, once Redis has confirmed it, and log lines
 * and counters are made of. */
struct ending {
    const struct order *order;
    enum outcome outcome;
    enum rule rule;   /* OUTCOME_INVALID */
    int64_t begun;    /* OUTCOME_BEGUN_TOO_OFTEN: how often */
    const char *note; /* the same: the last error */
    const struct result *result;
    int64_t positions;  /* that exist now; -1: not known */
    double seconds;     /* since it was read */
    double age_seconds; /* since it was published, by Redis' clock */
};
