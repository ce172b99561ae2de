/* SPDX-License-Identifier: MIT */
/*
 * A record of a decision, read back: what it looked at, as plan_make() takes it, and beside it what
 * became of each candidate.
 *
 * A record comes from outside: it may be forged, cut, or of a version from the future. What does
 * not read as one is refused with a reason, and nothing of it is believed. One struct reads one
 * record after another and keeps its memory until recorded_release(). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/base/sha256.h"
#include "common/trade/intent.h"
#include "router/decide/fate.h"
#include "router/decide/plan.h"
#include "router/decide/record_words.h"
#include "router/decide/snapshot.h"
#include "router/decide/window.h"

#define RECORD_WHY_MAX 128

/* What could be said of it. */
enum recorded_state {
    RECORDED_READ,
    RECORDED_NEWER,     /* of a version that this program does not know */
    RECORDED_MALFORMED, /* no record of this version */
};

/* What the decision made of the counts, as its world says. */
struct recorded_allowance {
    enum capacity_state state;
    int64_t slots, allowed;
};

struct recorded {
    enum recorded_state state;
    char why[RECORD_WHY_MAX]; /* with a state that is not RECORDED_READ */

    int64_t version, core;
    struct stream_id id; /* the entry's */
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    char settings[SHA256_TEXT_MAX]; /* the digest of their text */
    struct recorded_text router, world, intents, quiet;

    struct snapshot snapshot; /* all that plan_make() looks at; the flags are of the rows */
    struct recorded_allowance allowance;
    int64_t held_symbols;
    int64_t supers; /* that had passed within the hour; the snapshot has as many times */

    struct window window; /* by rank; without scores but those that were written */
    double *scores;       /* as they were written */
    bool *stale;          /* whether each was stale at that moment; its date is not recorded */
    struct verdict *verdicts;
    size_t intent_count; /* ids in `intents` */
    size_t rows_left;    /* that did not fit */
    bool has_sizes;      /* an older record has none */
    struct recorded_text sizes;
    struct tally tally, drops;

    struct signal *signals; /* that the window points to */
    size_t room;
};

/* Reads it; its state says what came of it. Zeroed before the first one. */
void recorded_read(struct recorded *recorded, const struct entry *entry);
void recorded_release(struct recorded *recorded);

/* The id of the intent of this rank, from 1; false: there is none. */
bool recorded_intent(const struct recorded *recorded, unsigned rank, struct stream_id *ret_id);

/* The next size and factor of what is published, from `*at` on, by rank; false: there is none, or
 * it is none. */
bool recorded_size(const struct recorded *recorded, size_t *at, struct sizing *ret_sizing);

/* What a record says of the entry before it, whose digest is this. */
enum record_link {
    LINK_WHOLE,
    LINK_GAP,    /* nothing: it was the first, or the one before was not known */
    LINK_BROKEN, /* it was another one */
};
enum record_link recorded_link(const struct entry *entry, const char *digest);
