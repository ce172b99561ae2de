/* SPDX-License-Identifier: MIT */
/*
 * The circuit breaker around the venue: after a number of failures within a window nothing is asked
 * for a while. Then one is asked as a probe, and its answer decides.
 *
 *   CLOSED ──n failures in the window──> OPEN ──pause over──> HALF_OPEN ──answer──> CLOSED
 *      ^                                   ^                      │
 *      └────────────── answer ─────────────┴────── failure ───────┘
 *
 * A rejection is an answer. Pure: the time is an argument, from a clock that nobody sets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_FAILURES_MAX = 100 };

struct breaker_rules {
    int64_t failures; /* 1 to BREAKER_FAILURES_MAX */
    int64_t window_ms;
    int64_t pause_ms;
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
    enum breaker_state state;
    uint64_t failed_ms[BREAKER_FAILURES_MAX]; /* a ring */
    uint64_t count;                           /* of failures ever */
    uint64_t until_ms;                        /* OPEN: the pause's end */
};

/* Each returns whether the state changed. */
bool breaker_fail(struct breaker *breaker, const struct breaker_rules *rules, uint64_t now_ms);
bool breaker_answer(struct breaker *breaker);

/* OPEN becomes HALF_OPEN when the pause is over. */
bool breaker_tick(struct breaker *breaker, uint64_t now_ms);
