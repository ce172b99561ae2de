/* SPDX-License-Identifier: MIT */
/*
 * The commands of one connection that wait for their replies, in the order of sending, which is the
 * order of answering, and the timer that watches their deadlines. Embedded in the link; used by
 * link.c alone.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct pending;

struct request {
    struct pending *pending;
    struct request *next;
    uint64_t due_ms;
    void (*on_reply)(void *data, const redisReply *reply); /* NULL: it knows that it is lost */
    void *data;
};

struct pending {
    uv_timer_t timer;
    struct request *first;
    struct request **last;
    bool second_look;
    void (*overdue)(void *owner);
    void *owner;
};

void pending_init(struct pending *pending, uv_loop_t *loop, void (*overdue)(void *owner),
                  void *owner);

/* Queues a request behind the others and watches its deadline. */
struct request *pending_add(struct pending *pending, uint64_t deadline_ms,
                            void (*on_reply)(void *data, const redisReply *reply), void *data);

/* Takes back the one that was added last: it could not be sent. */
void pending_take_back(struct pending *pending, struct request *request);

/* The first one is answered, with NULL when the connection is gone. */
void pending_answer(struct request *request, const redisReply *reply);

/* All that wait get their NULL now; what hiredis says of them later, they do not hear. */
void pending_lose(struct pending *pending);

/* The connection is gone: nothing is overdue any more. */
void pending_unwatch(struct pending *pending);
