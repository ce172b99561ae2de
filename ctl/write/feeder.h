/* SPDX-License-Identifier: MIT */
/*
 * Writes generated signals to the signal stream, many on their way at once, and counts them.
 *
 * A signal counts when Redis has said that it is in the stream. After the first failure nothing
 * more is sent, and feeder_error() says why. The client and the settings outlive the feeder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/redis/client.h"
#include "ctl/write/draft.h"
#include "ctl/write/generator.h"
#include "router/settings/settings.h"

enum {
    FEEDER_BATCH_MAX = 1000,                    /* written at once */
    FEEDER_UNDERWAY_MAX = 2 * FEEDER_BATCH_MAX, /* one batch is answered while the next is made */
};

struct feeder_counts {
    uint64_t sent;
    uint64_t passing; /* valid, and at or above the gate */
    uint64_t super;   /* valid, and at or above the super-confidence */
    uint64_t invalid;
    uint64_t repeated;
};

struct feeder {
    struct client *client;
    const char *stream;
    enum draft_form form;
    double gate, super;
    struct generator generator;
    struct generated underway[FEEDER_UNDERWAY_MAX]; /* a ring: what has no reply yet */
    size_t first, count;
    struct feeder_counts counts;
    char *error;
};

/* Seed 0: other signals each time. */
void feeder_init(struct feeder *feeder, struct client *client,
                 const struct router_settings *settings, enum draft_form form, int64_t seed);

void feeder_deinit(struct feeder *feeder);

/* Sends `count` signals, at most FEEDER_BATCH_MAX, made at `moment_ms`. `next_id` NULL: Redis gives
 * the ids; else the first one gets it and it is raised for each. Replies of earlier batches are
 * collected, so that at most this one is on its way. */
int feeder_send(struct feeder *feeder, size_t count, int64_t moment_ms, struct stream_id *next_id)
    __attribute__((warn_unused_result));

/* So many, made now, and waits until all of them are answered. */
int feeder_feed(struct feeder *feeder, uint64_t count) __attribute__((warn_unused_result));

/* Waits for all replies. */
int feeder_finish(struct feeder *feeder) __attribute__((warn_unused_result));

const char *feeder_error(const struct feeder *feeder);

/*
 * An even pace: how many are due now, and when to look again.
 *
 * After a stall it catches up, but never at more than twice the rate. Time is the caller's, in
 * nanoseconds of a monotonic clock. Pure.
 */

struct pace {
    double rate; /* per second */
    uint64_t total;
    uint64_t start_ns;
    uint64_t tick_ns;      /* between two looks */
    uint64_t per_tick_max; /* twice what is due in one */
    uint64_t given;
    uint64_t next_ns; /* when to look again */
};

void pace_init(struct pace *pace, double rate, uint64_t total, uint64_t now_ns);

/* How many to send now, which then count as given; moves next_ns on. */
uint64_t pace_take(struct pace *pace, uint64_t now_ns);
