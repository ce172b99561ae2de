/* SPDX-License-Identifier: MIT */
/*
 * One replay: it goes through the records of a source, decides each again, and counts what comes of
 * them. Bounded in memory however many there are. Owned by the command; replay_run_release() when
 * it was told.
 */
#pragma once

#include "ctl/past/intent_walk.h"
#include "ctl/past/record_again.h"
#include "ctl/past/record_chain.h"
#include "ctl/past/records.h"

#define REPLAY_OUTCOMES (AGAIN_DIFFERS + 1)

/* The first of its kind. */
struct replay_first {
    bool is_there;
    struct stream_id record;
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    char why[AGAIN_WHY_MAX];
};

struct replay_run {
    struct records *source;
    struct intent_walk *intents; /* NULL: what was published is not at hand */
    bool any_core;
    bool shows_progress;
    struct record_range range; /* what was asked for */
    /* Sees each record with what came of it; negative: it went wrong, which was told. NULL: nobody
     * does. */
    int (*decided)(void *owner, struct recorded *recorded, const struct record_again *again);
    void *owner;

    struct record_rules rules;
    struct recorded recorded;
    struct record_item item;
    struct record_chain chain;
    uint64_t records;
    uint64_t of[REPLAY_OUTCOMES];
    struct replay_first first[REPLAY_OUTCOMES];
    uint64_t intents_compared, intents_gone;
    bool is_interrupted;
    uint64_t begun_ms, drawn_ms;
};

/* The members above the rules are the caller's to set before. Negative: it went wrong, which was
 * told. */
int replay_run(struct replay_run *run) __attribute__((warn_unused_result));
void replay_run_release(struct replay_run *run);
