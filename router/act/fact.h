/* SPDX-License-Identifier: MIT */
/*
 * What has happened in the router, told once, where it happens, to one observer. What the log, the
 * metrics and health make of a fact, each says in one switch of its own, in tell/.
 *
 * What a fact points to lives as long as the call. An observer may not call the router back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "router/act/commit.h"
#include "router/act/cycle.h"

enum router_fact_kind {
    FACT_OPENED,  /* a session; what is pending is read next */
    FACT_RUNNING, /* what was pending is in the window */
    FACT_STANDBY, /* connected, but another one decides; comes again and again */
    FACT_DEPOSED, /* the lease is gone; LOST follows */
    FACT_LOST,    /* the session, or a try at one */
    FACT_CLOSED,  /* all that router_stop() had to close */
    FACT_ADOPTED, /* the settings of router_reload() are in force */

    FACT_JUDGED,    /* an entry, when it was read */
    FACT_THINNED,   /* a candidate fell out of a full window */
    FACT_NEAR_SIZE, /* a signal without position_size_usd has a field that may be meant for it */
    FACT_SHARED_ID, /* an id inside documents names over three symbols */
    FACT_BEHIND,    /* all of a minute was stale by its own timestamp alone */
    FACT_TRIMMED,   /* pending entries are no longer in the stream */
    FACT_CLAIM_REFUSED,

    FACT_TICK,          /* a window is over */
    FACT_COMMITTED,     /* a commit's answer came, or its connection was lost */
    FACT_DECIDED,       /* a cycle, its commit confirmed if it had candidates */
    FACT_ENDED,         /* a cycle; it decided nothing unless it ended with CYCLE_DONE */
    FACT_RECORDED,      /* a commit has run, with its record or without */
    FACT_SETTINGS_KEPT, /* the settings' text is where records look for it, or why not */
    FACT_SETTLED,       /* what became of a commit whose answer was lost */
    FACT_REFUSED,       /* a commit or an ACK; the batch is kept and reading pauses */
    FACT_ACCEPTED,      /* reading goes on */
};

struct router_fact {
    enum router_fact_kind kind;
    union {
        struct {
            const char *lease;
            int64_t shared_ms; /* see struct last_commit */
            bool group_recreated;
        } opened;
        struct {
            const char *reason;
            uint64_t retry_ms;
        } lost;
        struct {
            const struct entry *entry;
            const struct signal_verdict *verdict;
        } judged;
        struct {
            const struct signal *signal;
            const char *field;
        } hint; /* NEAR_SIZE, SHARED_ID */
        struct {
            enum commit_outcome outcome;
            double seconds;
        } committed;
        struct {
            enum cycle_end how;
            const char *what;
        } ended;
        struct {
            const char *cycle_id;
            enum cycle_outcome outcome;
        } settled;
        struct {
            const struct cycle *cycle;
            const struct tally *tally; /* the plan's fates, and what was ACKed beside it */
        } decided;
        const struct candidate *thinned;
        enum recorded recorded;
        const char *text;  /* STANDBY: the holder's lease; DEPOSED: why; SETTINGS_KEPT: NULL, or why
                              not; the complaint */
        int64_t behind_ms; /* BEHIND */
        uint64_t late_ms;  /* TICK */
        size_t trimmed;    /* TRIMMED */
    };
};

struct router_observer {
    void (*told)(void *owner, const struct router_fact *fact);
    void *owner;
};

static inline void router_tell(const struct router_observer *observer, struct router_fact fact)
{
    observer->told(observer->owner, &fact);
}
