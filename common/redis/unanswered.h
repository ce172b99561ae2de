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

struct unanswered;

struct request {
    struct unanswered *unanswered;
    struct request *next;
    uint64_t due_ms;
    void (*on_reply)(void *data, const redisReply *reply); /* NULL: it knows that it is lost */
    void *data;
};

struct unanswered {
    uv_timer_t timer;
    struct request *first;
    struct request **last;
    bool second_look;
    void (*overdue)(void *owner);
    void *owner;
};

void unanswered_init(struct unanswered *unanswered, uv_loop_t *loop, void (*overdue)(void *owner),
                     void *owner);

/* Queues a request behind the others and watches its deadline. */
struct request *unanswered_add(struct unanswered *unanswered, uint64_t deadline_ms,
                               void (*on_reply)(void *data, const redisReply *reply), void *data);

/* Takes back the one that was added last: it could not be sent. */
void unanswered_take_back(struct unanswered *unanswered, struct request *request);

/* The first one is answered, with NULL when the connection is gone. */
void unanswered_answer(struct request *request, const redisReply *reply);

/* Whether the first one waits for longer than it may take, this long before its deadline and that
 * long after. */
bool unanswered_is_late(const struct unanswered *unanswered, uint64_t before_ms, uint64_t after_ms);

/* All that wait get their NULL now; what hiredis says of them later, they do not hear. */
void unanswered_lose(struct unanswered *unanswered);

/* The connection is gone: nothing is overdue any more. */
void unanswered_unwatch(struct unanswered *unanswered);
