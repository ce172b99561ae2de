/* SPDX-License-Identifier: MIT */
/*
 * The last moment before a window closes. A process that has slept for seconds decides slowly: its
 * caches are cold, those of Redis too, and a timer wakes it up to a millisecond late. So shortly
 * before, it asks what the decision will ask, for nothing, and stays awake until the window closes.
 * Embedded in the router.
 */
#pragma once

#include <uv.h>

#include "router/cycle.h"

struct warmup {
    struct cycle *cycle;
    uv_timer_t begin;
    uv_idle_t awake;
};

void warmup_init(struct warmup *warmup, uv_loop_t *loop, struct cycle *cycle);

/* The window closes in so many milliseconds, as the loop counts them. */
void warmup_plan(struct warmup *warmup, uint64_t delay_ms);

/* It is closed, or nothing is to be decided any more. */
void warmup_stop(struct warmup *warmup);

void warmup_close(struct warmup *warmup);
