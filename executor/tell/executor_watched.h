/* SPDX-License-Identifier: MIT */
/*
 * The executor as those see it who watch it: the state that it is in, what it tells them, and what
 * of its parts they may look at. None of it may call the executor back.
 */
#pragma once

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "executor/act/desk.h"
#include "executor/act/executor_session.h"
#include "executor/act/hold.h"

enum executor_state {
    EXECUTOR_WAITING,
    EXECUTOR_RECOVERING,
    EXECUTOR_RUNNING,
    EXECUTOR_STOPPING,
    EXECUTOR_CLOSED,
};

/* What the executor tells those who watch it. */
struct executor_events {
    void (*opened)(void *owner, bool group_recreated);
    void (*running)(void *owner); /* what was pending was read */
    void (*lost)(void *owner, const char *reason);
    void (*moved)(void *owner); /* it gets on: something was answered */
    void (*ended)(void *owner, const struct ending *ending);
    void (*closed_position)(void *owner);
    void (*counted)(void *owner, int64_t positions);
    void (*open_orders)(void *owner, bool known, int64_t open);
    void (*held)(void *owner, enum hold_reason hold);
    void (*breaker)(void *owner, enum breaker_state state);
    void (*refused)(void *owner, const char *complaint);
    void (*accepted)(void *owner);
    void (*adopted)(void *owner);
    void (*closed)(void *owner); /* all is closed that executor_stop() had to close */
};

/* Kinds of ACKs. */
enum { EXECUTOR_ACK_STALE, EXECUTOR_ACK_KINDS };

struct executor_watched {
    const enum executor_state *state;
    const struct executor_session *session;
    const struct desk *desk;
    const struct redis_clock *clock;
    const uint64_t *trimmed; /* pending entries that were no longer there, in all */
    struct acks *acks;       /* the counts of those that were settled are taken from it */
};
