/* SPDX-License-Identifier: MIT */
/*
 * What this process knows of the last commit, for the moment in which another server answers:
 * whether the one that is found there was the last there was.
 *
 * Who holds the lease knows it: it is the one that was found with the lease, or our own since. That
 * counts for as long as nobody else can have committed: while no other router is about, or our
 * lease, by our own clock, has not run out. Commits that were seen without the lease do not count:
 * more may have followed. Lives as long as the process; embedded in the session. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/intent.h"

#define PAST_LAST_MAX (2 * (INTENT_CYCLE_ID_MAX + 1) + 2)

struct past {
    char last[INTENT_CYCLE_ID_MAX + 1]; /* commit that we know of; empty: we know nothing */
    char sent[INTENT_CYCLE_ID_MAX + 1]; /* may be the last, if it ran */
    bool has_rival;                     /* another router is about */
    uint64_t held_until_ms;             /* so long nobody else can have had the lease */
};

/* The lease is ours, and this was the last commit; empty: there was none. */
void past_begin(struct past *past, const char *cycle_id);

void past_sent(struct past *past, const char *cycle_id);
void past_confirmed(struct past *past);

/* When another one last asked for the lease in vain, by Redis' clock. */
void past_heard(struct past *past, int64_t asked_ms, int64_t now_ms);

/* Another one leads, or has led. */
void past_forget(struct past *past);

/* The cycle ids that are the last one where nothing is lacking, each between blanks; or nothing. */
void past_last(const struct past *past, uint64_t now_ms, char ret_last[static PAST_LAST_MAX]);
