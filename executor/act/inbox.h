/* SPDX-License-Identifier: MIT */
/*
 * What the executor reads: entries become orders, and go to the desk.
 *
 * It reads on however much waits, so that no exit stays hidden behind openings. What the desk does
 * not take is left: it stays pending in Redis and takes no memory here. When the desk has room
 * again, or says that something changed, a second reader, beside the one that waits for news, reads
 * what is pending from the first that was left on. Until it has come to the end, no opening
 * overtakes those that were left. When one is left that it has passed already, it leaves the rest
 * too, and begins again. Embedded in the executor.
 */
#pragma once

#include <uv.h>

#include "common/base/entry.h"
#include "common/redis/group_reader.h"
#include "executor/act/desk.h"
#include "executor/act/state_doubt.h"

struct inbox_events {
    void (*stale)(void *owner, const struct order *order); /* it is the owner's to ACK */
    void (*deleted)(void *owner, struct stream_id id);     /* while it was pending; the same */
    void (*page)(void *owner);                             /* a page was taken */
    void (*recovered)(void *owner);                        /* all that was pending was read */
    void (*failed)(void *owner, const char *complaint);
};

struct inbox {
    struct office *office;
    const struct inbox_events *events;
    void *owner;
    struct desk *desk;
    struct state_doubt *doubt;
    struct link *reader_link; /* reads that block; the others go over the office's */
    struct group_reader news;
    struct group_reader again;
    bool has_left;         /* openings that are to be read again, */
    struct stream_id left; /* from this one on, */
    bool has_passed;       /* which the second reader has passed already */
    struct entry entry;    /* the one being looked at; too big for the stack of a callback */
};

/* The members above `news` are the caller's to set before. */
void inbox_init(struct inbox *inbox, uv_loop_t *loop);

/* There is a session: what is pending is read, then what is new. */
void inbox_start(struct inbox *inbox);
void inbox_stop(struct inbox *inbox);

/* There is room, or the breaker allows it. */
void inbox_resume(struct inbox *inbox);

/* What is pending from here on may be taken by now. */
void inbox_read_again(struct inbox *inbox, struct stream_id from);

/* Entries that came another way: claimed ones. */
void inbox_take(struct inbox *inbox, const redisReply *entries);

void inbox_close(struct inbox *inbox);
