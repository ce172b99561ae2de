/* SPDX-License-Identifier: MIT */
/*
 * What has happened in the executor, told once, where it happens, to one observer. What the log,
 * the metrics and health make of a fact, each says in one switch of its own, in tell/.
 *
 * What a fact points to lives as long as the call. An observer may not call the executor back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/act/executor_session.h"
#include "executor/act/hold.h"
#include "executor/act/state_doubt.h"
#include "executor/decide/breaker.h"
#include "executor/decide/outcome.h"
#include "executor/decide/result.h"

enum executor_fact_kind {
    FACT_HELD_KEY, /* on arriving, and when it can be kept no more: whether what is held is kept */
    FACT_OPENED,   /* a session; what is pending is read next */
    FACT_RUNNING,  /* what was pending was read */
    FACT_LOST,     /* the session, or a try at one */
    FACT_CLOSING,  /* all that is open */
    FACT_CLOSED,
    FACT_ADOPTED, /* the settings of executor_reload() are in force */

    FACT_PAGE,      /* was read */
    FACT_ENDED,     /* an intent; a stale one has no ending */
    FACT_STALE,     /* the ACK of one was confirmed */
    FACT_ELSEWHERE, /* another executor settled one meanwhile */
    FACT_FAULTY,    /* something is wrong with its symbol, or with its own keys */
    FACT_TRIMMED,   /* pending entries are no longer in the stream */

    FACT_HOLD_SEEN,  /* what holds now */
    FACT_DOUBT_SEEN, /* what waits because Redis may lack what was settled last */
    FACT_BREAKER,    /* has another state */
    FACT_REFUSED,    /* what the executor writes or asks; comes again and again */
    FACT_ACCEPTED,
    FACT_CLAIM_REFUSED,

    FACT_POSITION_CLOSED, /* by itself */
    FACT_COUNTED,         /* positions */
    FACT_UNREADABLE,      /* of an exit and of its answer, one that stays */
    FACT_ANSWERED,        /* an order, by an adapter */
    FACT_ANSWER_IGNORED,  /* it fits no order */
};

struct stale_drop {
    struct stream_id intent_id;
    int64_t age_ms;
    int64_t max_age_ms;
};

struct executor_fact {
    enum executor_fact_kind kind;
    union {
        struct {
            const char *reason;
            uint64_t retry_ms;
        } lost;
        struct {
            const struct ending *ending;
            int64_t now_ms; /* Redis' clock */
        } ended;
        struct {
            const struct order *order;
            const char *why;
            uint64_t pause_ms; /* then it is tried again */
        } faulty;
        struct {
            const char *complaint;
            bool ends_session; /* LOST follows, and says why */
        } refused;
        struct {
            const struct position *position;
            const struct result *result;
            int64_t left;
        } position_closed;
        struct {
            const struct result *result;
            int64_t positions; /* that exist now */
        } answered;
        struct {
            const char *order_id;
            const char *status;
            const char *why;
        } ignored;
        const struct arrival *opened;
        const struct stale_drop *stale;
        const struct order *elsewhere;
        const struct hold_seen *hold;
        const struct state_doubt *doubt;
        const struct breaker *breaker;
        const struct unreadable *unreadable;
        const char *unkept;    /* HELD_KEY: why it is not kept; NULL: it is */
        const char *complaint; /* CLAIM_REFUSED */
        int64_t positions;     /* COUNTED */
        size_t trimmed;
    };
};

struct executor_observer {
    void (*told)(void *owner, const struct executor_fact *fact);
    void *owner;
};

static inline void executor_tell(const struct executor_observer *observer,
                                 struct executor_fact fact)
{
    observer->told(observer->owner, &fact);
}
