/* SPDX-License-Identifier: MIT */
/*
 * What became of the demo's intents, as the executor's results have it: how many were executed and
 * why others were not, how long it took, and how the open orders rose and fell.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/demo/demo_line.h"
#include "ctl/frame/ask.h"

enum { DEMO_REASONS_MAX = 16 };

struct demo_trades {
    uint64_t results;  /* of intents */
    uint64_t executed; /* filled */
    uint64_t closed;   /* positions that closed again */
    uint64_t refused;
    struct {
        char name[24];
        uint64_t count;
    } reasons[DEMO_REASONS_MAX]; /* of those refused */
    size_t reason_count;
    uint32_t *delays_ms; /* from an intent's publication to its result */
    size_t delay_count;
    uint64_t open_most; /* by the executor's own log */
    uint64_t open_last;
};

/* Follows the open orders on the executor's FILLED and CLOSED lines. */
void demo_trades_follow(struct demo_trades *trades, const struct demo_line *line);

/* One result: its id's time, and its fields. An empty intent id is a position that closed by
 * itself. */
struct demo_result {
    int64_t told_ms;
    const char *intent_id;
    const char *status;
    const char *reason;
};
void demo_trades_add(struct demo_trades *trades, const struct demo_result *result);

/* The delay that so many percent stay below; sorts. 0 when there is none. */
uint32_t demo_trades_delay_ms(struct demo_trades *trades, double percent);

/* Reads all results in that stream. */
int demo_trades_read(struct demo_trades *trades, const struct ask *ask, const char *results)
    __attribute__((warn_unused_result));

/* Forgets what was read, not what was followed. */
void demo_trades_clear(struct demo_trades *trades);
