/* SPDX-License-Identifier: MIT */
#include "common/redis/pending.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000;
}

static uint64_t earliest_due_ms(const struct pending *pending)
{
    uint64_t due_ms = UINT64_MAX;

    for (const struct request *request = pending->first; request; request = request->next)
        if (request->due_ms < due_ms)
            due_ms = request->due_ms;
    return due_ms;
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct pending *pending, uint64_t delay_ms)
{
    uv_update_time(pending->timer.loop);
    (void)uv_timer_start(&pending->timer, on_timer, delay_ms, 0);
}

/* libuv runs timers before it polls: after a stall the reply may already be there, unread. So an
 * overdue request gets one more turn of the loop before the connection is given up. */
static void on_timer(uv_timer_t *timer)
{
    struct pending *pending = timer->data;
    uint64_t due_ms = earliest_due_ms(pending);
    uint64_t now = now_ms();
    bool second_look = pending->second_look;

    pending->second_look = due_ms <= now && !second_look;
    if (pending->second_look)
        start_timer(pending, 1);
    else if (due_ms <= now)
        pending->overdue(pending->owner);
    else if (due_ms != UINT64_MAX)
        start_timer(pending, due_ms - now);
}

static void watch(struct pending *pending, uint64_t delay_ms)
{
    if (!uv_is_active((uv_handle_t *)&pending->timer) ||
        uv_timer_get_due_in(&pending->timer) > delay_ms)
        start_timer(pending, delay_ms);
}

void pending_init(struct pending *pending, uv_loop_t *loop, void (*overdue)(void *owner),
                  void *owner)
{
    *pending = (struct pending){.overdue = overdue, .owner = owner};
    pending->last = &pending->first;
    (void)uv_timer_init(loop, &pending->timer);
    pending->timer.data = pending;
}

struct request *pending_add(struct pending *pending, uint64_t deadline_ms,
                            void (*on_reply)(void *data, const redisReply *reply), void *data)
{
    struct request *request = memory_new(sizeof *request);

    *request = (struct request){
        .pending = pending, .due_ms = now_ms() + deadline_ms, .on_reply = on_reply, .data = data};
    *pending->last = request;
    pending->last = &request->next;
    watch(pending, deadline_ms);
    return request;
}

void pending_take_back(struct pending *pending, struct request *request)
{
    struct request **at = &pending->first;

    while (*at != request)
        at = &(*at)->next;
    assert(!request->next && "it was added last");
    *at = NULL;
    pending->last = at;
    free(request);
}

void pending_answer(struct request *request, const redisReply *reply)
{
    struct pending *pending = request->pending;
    struct request answered = *request;

    assert(pending->first == request && "replies come in order");
    pending->first = request->next;
    if (!pending->first)
        pending->last = &pending->first;
    pending->second_look = false; /* it was for this one */
    free(request);
    if (answered.on_reply)
        answered.on_reply(answered.data, reply);
}

void pending_lose(struct pending *pending)
{
    for (struct request *request = pending->first; request; request = request->next) {
        void (*on_reply)(void *data, const redisReply *reply) = request->on_reply;

        request->on_reply = NULL;
        if (on_reply)
            on_reply(request->data, NULL);
    }
}

void pending_unwatch(struct pending *pending)
{
    pending->second_look = false;
    (void)uv_timer_stop(&pending->timer);
}
