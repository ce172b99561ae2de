/* SPDX-License-Identifier: MIT */
/*
 * The intake: takes what its reader brings from the signal stream and fills the window.
 *
 * What is dropped goes to the ACKs, what passes to the window. While little comes the reader naps,
 * for a window has time, but for its last moment; with a backlog it keeps Redis busy, and the ACKs
 * go by the thousand. While commits fail the reader is paused, so that nothing more becomes pending
 * than what can be worked off. Embedded in the router, which starts, stops and pauses the reader.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "common/redis/group_reader.h"
#include "common/redis/script.h"
#include "router/decide/behind.h"
#include "router/decide/inner_ids.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

struct router_observer;

struct intake_events {
    void (*recovered)(void *owner);                     /* all that was pending has been read */
    void (*failed)(void *owner, const char *complaint); /* Redis refuses to let us read */
    bool (*holds)(void *owner,
                  struct stream_id id); /* whether this entry was read and is not settled */
};

/* What was asked of Redis about the window before it is thinned. */
struct glance {
    bool asking;
    uint64_t moves; /* of the window, when it was asked */
    size_t count;   /* about the first so many that nothing was known of */
};

struct intake {
    const struct router_settings *settings;
    const struct intake_events *events;
    void *owner;
    const struct router_observer *observer;
    struct window *window;
    struct acks *acks;
    const struct redis_clock *clock;
    const uint64_t *window_ends_ms; /* monotonic */
    const struct script *pending;   /* pending.lua, for the reader */
    const struct script *look; /* snapshot.lua, for a glance over this link before the window */
    struct link *worker;       /* is thinned; NULL: it is thinned blindly */

    struct group_reader reader;
    struct glance glance;
    struct inner_ids inner_ids;
    struct behind behind; /* for its owner to ask now and then */
    bool claiming;        /* what comes was claimed, or returned */
    int64_t now_ms;       /* by Redis' clock, for the reply that is looked at; 0: not asked yet */
    size_t page_trimmed;  /* of this reply */
    struct entry entry;   /* the one being looked at; too big for the stack of a callback */
};

/* The members above the reader are the caller's to set before. */
void intake_init(struct intake *intake, uv_loop_t *loop, struct link *link);

/* The settings have changed. */
void intake_adopt(struct intake *intake);

/* Cuts back a window of candidates that is over: what falls out is outranked. */
void intake_thin(struct intake *intake, struct window *window);

/* Entries that were claimed, and those that turned out to be gone; what is held already is passed
 * over. */
void intake_claimed(struct intake *intake, const redisReply *entries, const redisReply *deleted);

/* Entries whose age was judged by a clock that is no longer right. */
void intake_returned(struct intake *intake, const redisReply *entries);
