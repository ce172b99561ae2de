/* SPDX-License-Identifier: MIT */
#include "common/redis/strays.h"

#include "common/redis/reply.h"

/* A page can be empty and yet not the last; so many pages a round keep it from crowding out the
 * decision. */
enum { ROUND_MS = 1000, PAGE = 100, PAGES_MAX = 10 };

static void ask(struct strays *strays);

static void on_page(void *data, const redisReply *reply)
{
    struct strays *strays = data;
    const redisReply *entries = reply_element(reply, 1);
    const redisReply *deleted = reply_element(reply, 2);
    char complaint[REPLY_COMPLAINT_MAX];

    strays->outstanding = false;
    if (!reply)
        return;
    if (!reply_read_stream_id(reply_element(reply, 0), &strays->cursor) ||
        !reply_is_array(entries, 0)) {
        strays->cursor = (struct stream_id){0};
        reply_complaint_about(reply, "XAUTOCLAIM", strays->target.stream, complaint);
        strays->events->refused(strays->owner, complaint);
        return;
    }
    strays->events->claimed(strays->owner, entries, deleted);
    bool more = strays->cursor.ms > 0 || strays->cursor.sequence > 0;
    if (more && strays->pages_left > 0 && uv_is_active((uv_handle_t *)&strays->timer))
        ask(strays);
}

static void ask(struct strays *strays)
{
    const struct strays_target *target = &strays->target;
    struct command command = {0};

    strays->pages_left--;
    command_add_all(&command, "XAUTOCLAIM", target->stream, target->group, target->consumer, NULL);
    command_add_int(&command, *target->idle_ms);
    command_add_id(&command, strays->cursor);
    command_add(&command, "COUNT");
    command_add_int(&command, PAGE);
    strays->outstanding = link_send(strays->link, &command, link_reply_timeout_ms(strays->link),
                                    on_page, strays) == 0;
    command_free(&command);
}

static void on_round(uv_timer_t *timer)
{
    struct strays *strays = timer->data;

    strays->pages_left = PAGES_MAX;
    if (!strays->outstanding)
        ask(strays);
}

void strays_init(struct strays *strays, uv_loop_t *loop, const struct strays_target *target,
                 struct link *link, const struct strays_events *events, void *owner)
{
    *strays = (struct strays){.target = *target, .events = events, .owner = owner, .link = link};
    (void)uv_timer_init(loop, &strays->timer);
    strays->timer.data = strays;
}

void strays_start(struct strays *strays)
{
    if (uv_is_active((uv_handle_t *)&strays->timer))
        return;
    strays->cursor = (struct stream_id){0};
    (void)uv_timer_start(&strays->timer, on_round, 0, ROUND_MS);
}

void strays_stop(struct strays *strays)
{
    (void)uv_timer_stop(&strays->timer);
}

void strays_close(struct strays *strays)
{
    uv_close((uv_handle_t *)&strays->timer, NULL);
}
