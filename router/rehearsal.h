/* SPDX-License-Identifier: MIT */
/*
 * The rehearsal of a decision, in the last moment before its window closes.
 *
 * A process that has slept for seconds decides slowly: its caches are cold, those of Redis too, the
 * processors sleep, and a timer wakes it up to a millisecond late. So shortly before, it looks at
 * the world, makes a plan for the first candidates and writes their commit, again and again. What
 * it sends to Redis is another commit: one without an intent and without an epoch, which is always
 * refused. It also renews the lease, so that no renewal comes in between, and stays awake until the
 * decision is through. Embedded in the router.
 */
#pragma once

#include <uv.h>

#include "router/cycle.h"

struct rehearsal {
    struct cycle *cycle;         /* idle while it is rehearsed */
    const struct window *window; /* that it will take */
    uv_timer_t begin;
    uv_idle_t awake;
    uint64_t closes_at_ns; /* the window; monotonic, as the next */
    uint64_t awake_until_ns;
    size_t candidates; /* that Redis was asked about */
};

void rehearsal_init(struct rehearsal *rehearsal, uv_loop_t *loop, struct cycle *cycle,
                    const struct window *window);

/* The window closes at `closes_ms`, monotonic. */
void rehearsal_schedule(struct rehearsal *rehearsal, uint64_t closes_ms);

/* The decision is through. */
void rehearsal_rest(struct rehearsal *rehearsal);

/* There is nothing to decide any more. */
void rehearsal_stop(struct rehearsal *rehearsal);

void rehearsal_close(struct rehearsal *rehearsal);
