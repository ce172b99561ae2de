/* SPDX-License-Identifier: MIT */
#include "common/redis/unanswered.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000;
}

static uint64_t earliest_due_ms(const struct unanswered *unanswered)
{
    uint64_t due_ms = UINT64_MAX;

    for (const struct request *request = unanswered->first; request; request = request->next)
        if (request->due_ms < due_ms)
            due_ms = request->due_ms;
    return due_ms;
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct unanswered *unanswered, uint64_t delay_ms)
{
    uv_update_time(unanswered->timer.loop);
    (void)uv_timer_start(&unanswered->timer, on_timer, delay_ms, 0);
}

/* libuv runs timers before it polls: after a stall the reply may already be there, unread. So an
 * overdue request gets one more turn of the loop before the connection is given up. */
static void on_timer(uv_timer_t *timer)
{
    struct unanswered *unanswered = timer->data;
    uint64_t due_ms = earliest_due_ms(unanswered);
    uint64_t now = now_ms();
    bool second_look = unanswered->second_look;

    unanswered->second_look = due_ms <= now && !second_look;
    if (unanswered->second_look)
        start_timer(unanswered, 1);
    else if (due_ms <= now)
        unanswered->overdue(unanswered->owner);
    else if (due_ms != UINT64_MAX)
        start_timer(unanswered, due_ms - now);
}

static void watch(struct unanswered *unanswered, uint64_t delay_ms)
{
    if (!uv_is_active((uv_handle_t *)&unanswered->timer) ||
        uv_timer_get_due_in(&unanswered->timer) > delay_ms)
        start_timer(unanswered, delay_ms);
}

void unanswered_init(struct unanswered *unanswered, uv_loop_t *loop, void (*overdue)(void *owner),
                     void *owner)
{
    *unanswered = (struct unanswered){.overdue = overdue, .owner = owner};
    unanswered->last = &unanswered->first;
    (void)uv_timer_init(loop, &unanswered->timer);
    unanswered->timer.data = unanswered;
}

struct request *unanswered_add(struct unanswered *unanswered, uint64_t deadline_ms,
                               void (*on_reply)(void *data, const redisReply *reply), void *data)
{
    struct request *request = memory_new(sizeof *request);

    *request = (struct request){.unanswered = unanswered,
                                .due_ms = now_ms() + deadline_ms,
                                .on_reply = on_reply,
                                .data = data};
    *unanswered->last = request;
    unanswered->last = &request->next;
    watch(unanswered, deadline_ms);
    return request;
}

void unanswered_take_back(struct unanswered *unanswered, struct request *request)
{
    struct request **at = &unanswered->first;

    while (*at != request)
        at = &(*at)->next;
    assert(!request->next && "it was added last");
    *at = NULL;
    unanswered->last = at;
    free(request);
}

void unanswered_answer(struct request *request, const redisReply *reply)
{
    struct unanswered *unanswered = request->unanswered;
    struct request answered = *request;

    assert(unanswered->first == request && "replies come in order");
    unanswered->first = request->next;
    if (!unanswered->first)
        unanswered->last = &unanswered->first;
    unanswered->second_look = false; /* it was for this one */
    free(request);
    if (answered.on_reply)
        answered.on_reply(answered.data, reply);
}

bool unanswered_is_late(const struct unanswered *unanswered, uint64_t before_ms, uint64_t after_ms)
{
    return unanswered->first && now_ms() + before_ms > unanswered->first->due_ms + after_ms;
}

void unanswered_lose(struct unanswered *unanswered)
{
    for (struct request *request = unanswered->first; request; request = request->next) {
        void (*on_reply)(void *data, const redisReply *reply) = request->on_reply;

        request->on_reply = NULL;
        if (on_reply)
            on_reply(request->data, NULL);
    }
}

void unanswered_unwatch(struct unanswered *unanswered)
{
    unanswered->second_look = false;
    (void)uv_timer_stop(&unanswered->timer);
}
