/* SPDX-License-Identifier: MIT */
/*
 * The intake: reads the signal stream and fills the window.
 *
 * It has a connection of its own, because a blocking read holds back whatever is sent behind it.
 * When a connection opens it first reads the entries that are pending for its consumer, page by
 * page, and then what is new. While there is a backlog several reads are on their way and the next
 * one goes out before a reply is looked at, so that Redis is never idle. When little came it naps
 * first, because a read costs the same for one signal and for twenty, and a window has time, but
 * for its last moment. What is dropped goes to the ACKs, what passes to
 * the window. While commits fail it is paused, so that nothing more becomes pending than what can
 * be worked off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/trade/entry.h"
#include "router/report.h"
#include "router/settings.h"
#include "router/window.h"

struct intake_events {
    void (*recovered)(void *owner);                     /* all that was pending has been read */
    void (*failed)(void *owner, const char *complaint); /* Redis refuses to let us read */
    bool (*holds)(void *owner,
                  struct stream_id id); /* whether this entry was read and is not settled */
};

enum intake_state { INTAKE_IDLE, INTAKE_RECOVERING, INTAKE_READING };

struct intake {
    const struct router_settings *settings;
    const struct intake_events *events;
    void *owner;
    struct link *link;
    uv_timer_t nap;
    struct window *window;
    struct acks *acks;
    struct report *report;
    const struct redis_clock *clock;
    const uint64_t *window_ends_ms; /* monotonic */

    enum intake_state state;
    bool paused;
    unsigned outstanding;       /* reads on their way */
    bool is_behind;             /* the last read came back full, or nearly */
    struct stream_id recovered; /* up to here the pending entries were read */
    int64_t read_count;         /* adapts to the size of the replies */
    unsigned small_replies;
    int64_t now_ms;     /* by Redis' clock, when the reply came that is looked at */
    uint64_t trimmed;   /* pending entries that were no longer there, in all */
    struct entry entry; /* the one being looked at; too big for the stack of a callback */
};

/* The members that say whom it serves are the caller's to set before. */
void intake_init(struct intake *intake, uv_loop_t *loop);
void intake_close(struct intake *intake);

/* The connection is ready. */
void intake_start(struct intake *intake);

/* The connection is gone. */
void intake_stop(struct intake *intake);

/* Entries that were claimed, and those that turned out to be gone; what is held already is passed
 * over. */
void intake_claimed(struct intake *intake, const redisReply *entries, const redisReply *deleted);

void intake_pause(struct intake *intake);
void intake_resume(struct intake *intake);
