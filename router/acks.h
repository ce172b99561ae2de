/* SPDX-License-Identifier: MIT */
/*
 * The ACKs of entries that need no commit: dropped when they were read, or thinned out of a full
 * window.
 *
 * An entry counts when Redis has confirmed its ACK: then its fate moves to `settled`, from where
 * the next CYCLE takes it. What Redis refuses waits here and is sent again; what a lost connection
 * leaves unanswered is forgotten, because it is read again as pending. To repeat an ACK is
 * harmless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/stream_id.h"
#include "common/redis/link.h"
#include "router/fate.h"

struct ack {
    struct stream_id id;
    enum fate fate; /* FATE_COUNT: counts nowhere, for there was nothing behind the id */
};

struct acks {
    struct link *link;
    const char *stream;
    const char *group;
    void (*refused)(void *owner, const char *complaint);
    void *owner;
    struct ack *waiting;
    size_t count;
    size_t room;
    size_t on_their_way;
    bool is_refusing; /* the last answer was a refusal */
    struct tally settled;
};

void acks_add(struct acks *acks, struct stream_id id, enum fate fate);

/* Sends all that is waiting. */
void acks_flush(struct acks *acks);

/* Sends what fills a batch; the rest waits for more. */
void acks_flush_full(struct acks *acks);

/* Takes what was settled since the last call. */
struct tally acks_take_settled(struct acks *acks);

/* The connection is gone, and with it what waited. */
void acks_forget(struct acks *acks);

void acks_deinit(struct acks *acks);
