/* SPDX-License-Identifier: MIT */
/*
 * Whether Redis may lack what was settled last: another server than the last time, or an entry that
 * this process has settled and that is not settled any more. Then openings that are older wait,
 * pending, until somebody resumes or they are stale; exits never wait. Asked when a session begins,
 * before anything is read, and once a second while openings wait. Embedded in the executor.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/base/stream_id.h"
#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "common/trade/order.h"
#include "executor/settings/executor_settings.h"

/* Something is lacking for certain: then all openings wait. */
#define SIGHT_LACKING ((INT64_C(1) << 53) - 1)

struct sight_events {
    void (*known)(void *owner); /* what is read now can be judged */
    void (*over)(void *owner);  /* what waited is to be read again */
    void (*refused)(void *owner, const char *complaint);
};

struct sight {
    const struct executor_settings *settings;
    const struct sight_events *events;
    void *owner;
    struct link *link;
    const struct redis_clock *clock;

    struct script script;
    uv_timer_t timer;
    bool is_open;
    bool is_known;                 /* in this session */
    int64_t since_ms;              /* 0: nothing waits */
    size_t held;                   /* openings that were read and left */
    char last[STREAM_ID_TEXT_MAX]; /* the last entry that this process has settled; or empty */
};

/* The members above the script are the caller's to set before. */
void sight_init(struct sight *sight, uv_loop_t *loop);

/* A session is there: asks. And it is gone, or nothing matters any more. */
void sight_start(struct sight *sight);
void sight_stop(struct sight *sight);

void sight_settled(struct sight *sight, struct stream_id id);

/* Whether this order has to wait. */
bool sight_holds(const struct sight *sight, const struct order *order);

void sight_close(struct sight *sight);
