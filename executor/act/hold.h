/* SPDX-License-Identifier: MIT */
/*
 * Holding: while safe mode is set, or open orders are not known where they must be, the executor
 * opens nothing. It asks once a second whether it holds, and a few times a second while it does,
 * and says when it begins and when it is over. Embedded in the executor.
 */
#pragma once

#include <uv.h>

#include "executor/act/office.h"

/* Why it holds. SAFE_MODE hides the others. */
enum hold_reason { HOLD_NONE, HOLD_SAFE_MODE, HOLD_UNKNOWN, HOLD_UNPARSEABLE };

/* Who halted, when and why are looked at up to here, as the router does. */
#define HOLD_WORDS_MAX 512

/* What was seen; lives as long as the call. */
struct hold_seen {
    enum hold_reason reason;
    int64_t halt_number;               /* with HOLD_SAFE_MODE: the key's, see halts.h */
    char value[EXECUTOR_TEXT_MAX + 2]; /* the key's that holds, as far as it was looked at */
    size_t length;
    char words[HOLD_WORDS_MAX + 1]; /* safe mode's reason; empty: not known */
    int64_t ttl_sec;                /* of safe mode; negative: it does not end by itself */
    bool open_known;
    int64_t open; /* orders */
};

struct hold_events {
    void (*seen)(void *owner, const struct hold_seen *seen);
    void (*began)(void *owner);
    void (*ended)(void *owner);
    void (*refused)(void *owner, const char *complaint);
};

struct hold {
    struct office *office;
    const struct hold_events *events;
    void *owner;
    uv_timer_t timer;
    bool is_open; /* there is a session */
    bool holds;
    bool is_asking;
    struct hold_seen seen;
};

void hold_init(struct hold *hold, uv_loop_t *loop, struct office *office,
               const struct hold_events *events, void *owner);

/* A session has begun: asks. And it is over, or the executor stops. */
void hold_start(struct hold *hold);
void hold_stop(struct hold *hold);

/* A guard found that it holds. */
void hold_begin(struct hold *hold);

void hold_close(struct hold *hold);
