/* SPDX-License-Identifier: MIT */
/*
 * The desk: the intents in hand, and how each is led to its end.
 *
 *   WAITING ─> LOOKING ─guards─> BEGINNING ─counted─> AT_VENUE ─answer─> SETTLING ─> gone
 *      ^          │                                      │                  │
 *      │          └──── a guard ends it ─────────────────┼────────────> SETTLING
 *      └── the venue failed; what was seen has changed ──┴──────────────────┘
 *
 * So many are led at once as the settings say, of one symbol only one; the others wait, and are
 * looked at anew when their turn comes. Nothing here is the truth: an intent is pending in Redis
 * until one script has settled it, whatever happens to this process. When the connection goes, all
 * are forgotten but those whose settling was on its way; recalled on the next one, and when it
 * arrived late, their marks tell whether it ran. Embedded in the executor, which closes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "executor/breaker.h"
#include "executor/ending.h"
#include "executor/executor_settings.h"

struct desk_events {
    void (*ended)(void *owner, const struct ending *ending);
    void (*stale)(void *owner, const struct order *order);     /* it is the owner's to ACK */
    void (*elsewhere)(void *owner, const struct order *order); /* another one settled it */
    void (*holds)(void *owner); /* one was put back because of a hold */
    void (*refused)(void *owner, const char *complaint);
    void (*accepted)(void *owner);
    void (*breaker)(void *owner, enum breaker_state state);
    void (*room)(void *owner); /* for more intents */
    void (*idle)(void *owner); /* after desk_stop(): nothing is being settled any more */
};

struct desk_scripts {
    struct script look, begin, fail, open, close, end;
};

struct task;

struct desk {
    const struct executor_settings *settings;
    const struct desk_events *events;
    void *owner;
    struct link *link;
    struct desk_scripts scripts;
    struct redis_clock *clock; /* set by each look */
    uv_timer_t timer;
    struct task *first; /* in the order of arrival */
    struct task *lost;  /* whose settling was cut off */
    size_t count;
    size_t busy;
    struct breaker breaker;
    uint64_t rest_until_ms; /* Redis refused: nothing is begun before */
    bool open;              /* there is a session */
    bool held;              /* only what passes a hold is led on */
    bool stopping;
};

/* The settings, events, owner, link and clock are the caller's to set before. */
void desk_init(struct desk *desk, uv_loop_t *loop);

/* A session is there; what was cut off is recalled. */
void desk_start(struct desk *desk);

/* The connection is gone. */
void desk_lose(struct desk *desk);

/* An intent that was read; or one that broke a rule. */
void desk_add(struct desk *desk, const struct order *order, enum rule rule);

/* Leads on what can be led on. */
void desk_dispatch(struct desk *desk);

bool desk_has(const struct desk *desk, struct stream_id id);

/* Puts back all that does not pass a hold; returns how many. */
size_t desk_hold(struct desk *desk);
void desk_release(struct desk *desk);

/* Begins nothing more. idle() comes, now or when what is being settled has its answer. */
void desk_stop(struct desk *desk);

void desk_close(struct desk *desk);

/* After the loop has run empty. */
void desk_deinit(struct desk *desk);
