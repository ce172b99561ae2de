/* SPDX-License-Identifier: MIT */
/*
 * The doubt whether Redis still has what was settled last. It arises when another server answers
 * than the last time, or when an entry that this process has settled is not settled there. Then
 * older openings wait, pending, until somebody resumes or they are stale; exits never wait. Asked
 * when a session begins, before anything is read, and once a second while openings wait. Embedded
 * in the executor.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/base/stream_id.h"
#include "common/trade/order.h"
#include "executor/act/office.h"

/* Something is lacking for certain: then all openings wait. */
#define STATE_LACKING ((INT64_C(1) << 53) - 1)

struct state_doubt_events {
    void (*known)(void *owner); /* what is read now can be judged */
    void (*over)(void *owner);  /* what waited is to be read again */
};

struct state_doubt {
    struct office *office;
    const struct state_doubt_events *events;
    void *owner;
    uv_timer_t timer;
    bool is_open;
    bool is_known;                 /* in this session */
    int64_t since_ms;              /* 0: nothing waits */
    size_t held_back;              /* openings that were read and left */
    char last[STREAM_ID_TEXT_MAX]; /* the last entry that this process has settled; or empty */
};

void state_doubt_init(struct state_doubt *doubt, uv_loop_t *loop, struct office *office,
                      const struct state_doubt_events *events, void *owner);

/* A session has begun: asks. And it is over, or the executor stops. */
void state_doubt_start(struct state_doubt *doubt);
void state_doubt_stop(struct state_doubt *doubt);

void state_doubt_note_settled(struct state_doubt *doubt, struct stream_id id);

/* Whether this order has to wait. */
bool state_doubt_holds(const struct state_doubt *doubt, const struct order *order);

void state_doubt_close(struct state_doubt *doubt);
