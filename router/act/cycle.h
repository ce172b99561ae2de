/* SPDX-License-Identifier: MIT */
/*
 * One cycle: look, decide, commit, and again if the world moved meanwhile.
 *
 * It takes the window's candidates when it begins and owns them until it ends: let go when the
 * commit is confirmed, given back when it was not. Those that are held back wait here for the next.
 * A commit whose answer was lost is unsettled until the last commit that the next session finds, or
 * the records, tell whether it ran. Embedded in the router.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "router/act/commit.h"
#include "router/act/recorder.h"
#include "router/act/router_look.h"
#include "router/act/session.h"
#include "router/decide/history.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

enum cycle_state { CYCLE_IDLE, CYCLE_LOOKING, CYCLE_COMMITTING, CYCLE_UNSETTLED };

enum cycle_end {
    CYCLE_DONE,    /* committed, or nothing to commit */
    CYCLE_GAVE_UP, /* the world moved three times */
    CYCLE_REFUSED, /* Redis does not allow it */
    CYCLE_FENCED,  /* the session is no longer the one that commits */
};

/* What became of a commit whose answer was lost. */
enum cycle_outcome {
    CYCLE_DID_RUN,
    CYCLE_DID_NOT_RUN,
    CYCLE_UNTOLD, /* others have committed since, or Redis lost its state: the records may know */
};

struct router_observer;

struct cycle_events {
    /* `what` says what moved or refused; the candidates are still the cycle's. */
    void (*ended)(void *owner, enum cycle_end end, const char *what);
    /* What the records say of an unsettled commit, after cycle_ask_records(). */
    void (*settled)(void *owner, enum cycle_outcome outcome);
};

struct cycle {
    const struct router_settings *settings;
    const struct cycle_events *events;
    void *owner;
    const struct router_observer *observer;
    struct session *session;

    enum cycle_state state;
    unsigned attempts;
    enum look_scope scope; /* without what is held where this connection may not read it */
    bool held_fits;        /* the last look counted no more than are looked at */
    uint64_t sent_at_ns;   /* the commit that is on its way; monotonic */
    struct window window;
    struct window held_back; /* from one cycle to the next */
    struct snapshot snapshot;
    struct plan plan;
    struct redis_clock *clock; /* set by each look */
    struct history history;
    struct acks *acks;  /* the owner's */
    struct tally drops; /* that were settled and are not told */
    struct recorder recorder;
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    char *intent_ids; /* of the confirmed commit, between blanks, in the order of the ranks */
    char record_id[STREAM_ID_TEXT_MAX]; /* of the same; empty: it has none */
};

/* Takes all of the window and looks at the world. */
void cycle_begin(struct cycle *cycle, struct window *window);

/* After ended(): gives back what was not committed, and what is held, so that what is thinned there
 * bounds both; or lets it go. */
void cycle_give_back(struct cycle *cycle, struct window *window);
void cycle_clear(struct cycle *cycle);

/* The connection is gone: a commit on its way becomes unsettled, anything else is forgotten, for it
 * is pending. */
void cycle_lose(struct cycle *cycle);

/* What the last commit, as a new session finds it, says of the unsettled one. The plan stays until
 * cycle_clear(), and where nothing is told, all stays as it is.
 */
enum cycle_outcome cycle_settle(struct cycle *cycle, const struct last_commit *last);

/* What is not told so the records may know: settled() follows. False: nobody can ask, and that is
 * the end of it. */
bool cycle_ask_records(struct cycle *cycle, bool is_fresh);
