/* SPDX-License-Identifier: MIT */
/*
 * The ACKs of entries that need nothing but an ACK: the router's that were dropped when they were
 * read or thinned out of a full window, the executor's that are stale.
 *
 * An entry counts when Redis has confirmed its ACK: then its kind, a number of the owner's, is
 * counted in `settled`, from where the owner takes it. What Redis refuses waits here and is sent
 * again; what a lost connection leaves unanswered is forgotten, because it is read again as
 * pending. To repeat an ACK is harmless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/redis/link.h"

/* Kinds are below this; one that the owner does not take counts nowhere. */
enum { ACK_KINDS = 16 };

struct ack {
    struct stream_id id;
    unsigned kind;
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
    uint64_t settled[ACK_KINDS];
};

void acks_add(struct acks *acks, struct stream_id id, unsigned kind);

/* Sends all that is waiting. */
void acks_flush(struct acks *acks);

/* Sends what fills a batch; the rest waits for more. */
void acks_flush_full(struct acks *acks);

/* Takes what was settled since the last call, of the first `kinds` kinds. */
void acks_take_settled(struct acks *acks, size_t kinds, uint64_t *ret_settled);

/* The connection is gone, and with it what waited. */
void acks_forget(struct acks *acks);

void acks_deinit(struct acks *acks);
