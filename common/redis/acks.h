/* SPDX-License-Identifier: MIT */
/*
 * The ACKs of entries that need nothing but an ACK: the router's that were dropped when they were
 * read or thinned out of a full window, the executor's that are stale.
 *
 * An entry counts when Redis has confirmed its ACK: then its kind, a number of the owner's, is
 * counted in `settled`, from where the owner takes it. What Redis refuses waits here and is sent
 * again; what a lost connection leaves unanswered is forgotten, because it is read again as
 * pending. To repeat an ACK is harmless.
 *
 * One that was dropped for its age was judged by a clock that is carried forward, and that may have
 * been set since. A batch that has such entries is ACKed by ack.lua, which asks Redis' clock in
 * the same moment: where they are too old, or too far ahead, no longer, nothing of the batch is
 * ACKed, the clock is set, and all of it is fetched again and handed to the owner as `returned`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"

/* The script of it, built into the programs as text. */
extern const char ack_lua[];

/* Kinds are below this; one that the owner does not take counts nowhere. */
enum { ACK_KINDS = 24 };

/* By Redis' clock the ACK is right after one moment, and before another unless that is 0. */
struct ack_span {
    int64_t after_ms;
    int64_t before_ms;
};

struct ack {
    struct stream_id id;
    unsigned kind;
    int64_t dated_ms;     /* its age counts from here; only where it has a span */
    struct ack_span span; /* {0}: it is right at any time */
};

struct acks_events {
    void (*refused)(void *owner, const char *complaint);
    /* Entries that were to be ACKed for their age and are to be judged again. */
    void (*returned)(void *owner, const redisReply *entries);
    /* The ACK of one that has a span was confirmed; NULL: nobody asks. */
    void (*aged)(void *owner, const struct ack *ack);
};

struct acks {
    struct link *link;
    const struct script *script; /* ack_lua */
    const char *stream;
    const char *group;
    const char *consumer;
    struct redis_clock *clock;
    const struct acks_events *events;
    void *owner;
    struct ack *waiting;
    size_t count;
    size_t room;
    size_t on_their_way;
    bool is_refusing; /* the last answer was a refusal */
    uint64_t settled[ACK_KINDS];
};

void acks_add(struct acks *acks, struct stream_id id, unsigned kind);

/* Dropped because it is older than so many ms, from this moment on. */
void acks_add_stale(struct acks *acks, struct stream_id id, unsigned kind, int64_t dated_ms,
                    int64_t max_age_ms);

/* Dropped because it is further ahead of Redis' clock than so many ms. */
void acks_add_future(struct acks *acks, struct stream_id id, unsigned kind, int64_t dated_ms,
                     int64_t ahead_max_ms);

/* Sends all that is waiting. */
void acks_flush(struct acks *acks);

/* Sends what fills a batch; the rest waits for more. */
void acks_flush_full(struct acks *acks);

/* Takes what was settled since the last call, of the first `kinds` kinds. */
void acks_take_settled(struct acks *acks, size_t kinds, uint64_t *ret_settled);

/* The connection is gone, and with it what waited. */
void acks_forget(struct acks *acks);

void acks_deinit(struct acks *acks);
