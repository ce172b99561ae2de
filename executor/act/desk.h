/* SPDX-License-Identifier: MIT */
/*
 * The desk: the intents in hand, and how each is led to its end.
 *
 * As many are led at once as the settings allow. turns.h says which may come to hand, and whose
 * turn it is. A task says what it came to, and the desk decides what that means for it and for the
 * others: after a fault of one symbol that symbol rests, a venue that does not answer opens the
 * breaker, and after a refusal by Redis all of them rest.
 *
 * Nothing here is the truth: an intent is pending in Redis until one script has settled it,
 * whatever happens to this process. When the connection is lost, all are forgotten but those whose
 * settling was on its way. On the next connection these are recalled: the mark tells whether it
 * ran. Embedded in the executor, which closes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "executor/act/task.h"
#include "executor/decide/breaker.h"
#include "executor/decide/turns.h"

struct desk_events {
    void (*ended)(void *owner, const struct ending *ending);
    void (*stale)(void *owner, const struct order *order); /* it is the owner's to ACK */
    void (*found_hold)(void *owner);                       /* one was put off because of it */
    void (*again)(void *owner, struct stream_id from);     /* what was left from here on may come */
    void (*room)(void *owner);                             /* for more intents */
    void (*idle)(void *owner); /* after desk_stop(): nothing is being settled any more */
};

struct desk {
    const struct desk_events *events;
    void *owner;
    struct task_kit kit;
    uv_timer_t timer;
    struct turns turns;
    struct task *lost; /* those whose settling was cut off */
    struct breaker breaker;
    uint64_t rest_until_ms; /* Redis refused: nothing is begun before */
    bool open;              /* there is a session */
};

void desk_init(struct desk *desk, uv_loop_t *loop, struct office *office,
               const struct desk_events *events, void *owner);

/* A session has begun: what was cut off is recalled. */
void desk_start(struct desk *desk);

/* The connection is gone. */
void desk_lose(struct desk *desk);

/* An intent that was read, or one that broke a rule. FULL: it stays pending, and is to be read
 * again when there is room; HOLDS, CROWDED: the same, when again() says so. */
enum turns_answer desk_offer(struct desk *desk, const struct order *order, enum rule rule);

bool desk_has(const struct desk *desk, struct stream_id id);

/* Whether to read on: in search of exits; and for openings that were left. */
bool desk_reads(const struct desk *desk);
bool desk_has_room(const struct desk *desk);

/* Whether a hold lasts. */
bool desk_holds(const struct desk *desk);

/* Leads on what can be led on. */
void desk_dispatch(struct desk *desk);

/* Forgets what a hold keeps: it stays pending, and again() comes when the hold is over. */
void desk_hold(struct desk *desk);
void desk_release(struct desk *desk);

/* Begins nothing more. idle() comes, now or when what is being settled has its answer. */
void desk_stop(struct desk *desk);

void desk_close(struct desk *desk);

/* After the loop has run empty. */
void desk_deinit(struct desk *desk);
