/* SPDX-License-Identifier: MIT */
/*
 * Strays: entries that are pending for somebody who will not come for them. A dead consumer's, or
 * our own from a read whose reply an old connection took with it after we had looked. Every few
 * seconds the holder claims those that have been idle for long, whosever they are, a page at a
 * time, and reads them as it reads all others.
 *
 * It works on a connection that no read blocks and hands what it finds to the reader. Embedded
 * in a service.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/redis/link.h"

struct strays_events {
    /* A page of entries, and the ids that were pending but are no longer in the stream. */
    void (*claimed)(void *owner, const redisReply *entries, const redisReply *deleted);
    void (*refused)(void *owner, const char *complaint);
};

/* What is claimed, and for whom. */
struct strays_target {
    const char *stream;
    const char *group;
    const char *consumer;
    const int64_t *idle_ms; /* pending for longer; may change */
};

struct strays {
    struct strays_target target;
    const struct strays_events *events;
    void *owner;
    struct link *link;
    uv_timer_t timer;
    struct stream_id cursor; /* where the next page begins */
    unsigned pages_left;     /* of this round */
    bool outstanding;
};

void strays_init(struct strays *strays, uv_loop_t *loop, const struct strays_target *target,
                 struct link *link, const struct strays_events *events, void *owner);

/* The session works: looks now and every second. Nothing new to one that does already. */
void strays_start(struct strays *strays);
void strays_stop(struct strays *strays);

void strays_close(struct strays *strays);
