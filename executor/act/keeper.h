/* SPDX-License-Identifier: MIT */
/*
 * The keeper of positions on paper: looks at them every so often, and closes those whose time is
 * over or whose stop or target the last price has reached, each with one script. They live in
 * Redis, and a restart goes on with them. Their time is Redis' clock; should that be set back, they
 * close all the same once they were open for as long as they may be since they were first seen.
 * Embedded in the executor.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "executor/decide/result.h"
#include "executor/settings/executor_settings.h"

struct keeper_events {
    /* A position has closed by itself; so many are left. */
    void (*closed)(void *owner, const struct position *position, const struct result *result,
                   int64_t left);
    void (*counted)(void *owner, int64_t positions);
    void (*refused)(void *owner, const char *complaint);
    void (*accepted)(void *owner); /* what was refused before */
};

/* Until when a position may be open at the latest. */
struct keeper_due {
    char intent_id[STREAM_ID_TEXT_MAX];
    uint64_t ms; /* monotonic */
};

struct keeper {
    const struct executor_settings *settings;
    const struct keeper_events *events;
    void *owner;
    struct link *link;
    struct redis_clock *clock; /* set at each look */
    struct script leave;
    uv_timer_t timer;
    struct position *positions; /* that were read, and wait for their prices */
    struct keeper_due *dues;    /* of these, in their order */
    size_t count;
    struct keeper_due *last; /* of those that were read the last time */
    size_t last_count;
    bool asking;
    bool is_refused;
};

/* The members above `leave` are the caller's to set before. */
void keeper_init(struct keeper *keeper, uv_loop_t *loop);
void keeper_start(struct keeper *keeper);
void keeper_stop(struct keeper *keeper);
void keeper_close(struct keeper *keeper);

/* After the loop has run empty. */
void keeper_deinit(struct keeper *keeper);
