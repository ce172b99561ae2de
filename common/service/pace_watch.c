/* SPDX-License-Identifier: MIT */
#include "common/service/pace_watch.h"

#include "common/base/number.h"
#include "common/redis/reply.h"
#include "common/service/service_report.h"

#define FIELD "pace"

/* A refusal is nobody's trouble. */
static void on_left(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

static void leave(const struct pace_watch *watch, struct link *link)
{
    char text[NUMBER_TEXT_MAX] = "";
    struct command command = {0};

    if (watch->own > 0)
        number_shortest(watch->own, text);
    command_add_all(&command, "HSET", watch->own_key, FIELD, text, NULL);
    (void)!link_send(link, &command, link_reply_timeout_ms(link), on_left, NULL);
    command_free(&command);
}

static void on_other(void *data, const redisReply *reply)
{
    struct pace_watch *watch = data;
    struct reply_text text;
    double other;

    if (!reply_is_array(reply, 1) || !reply_read_text(reply->element[0], &text) ||
        !number_read(text.bytes, text.length, &other))
        return;
    double router = watch->is_routers ? watch->own : other;
    double executor = watch->is_routers ? other : watch->own;
    if (watch->is_told || executor <= 0 || router <= executor)
        return;
    service_report_pace_above(router, executor);
    watch->is_told = true;
}

static void ask(struct pace_watch *watch, struct link *link)
{
    struct command command = {0};

    command_add_all(&command, "HMGET", watch->other_key, FIELD, NULL);
    (void)!link_send(link, &command, link_reply_timeout_ms(link), on_other, watch);
    command_free(&command);
}

void pace_watch_leave(struct pace_watch *watch, struct link *link, double per_minute)
{
    watch->own = per_minute;
    leave(watch, link);
    ask(watch, link);
}
