/* SPDX-License-Identifier: MIT */
#include "common/redis/backlog.h"

#include <math.h>

#include "common/redis/reply.h"

static double number_of(const redisReply *reply)
{
    int64_t value;

    return reply && reply_read_integer(reply, &value) ? (double)value : NAN;
}

/* XINFO GROUPS: one list per group. */
static void on_groups(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;

    backlog->lag = backlog->pending = NAN;
    backlog->delivered = (struct stream_id){0};
    for (size_t i = 0; reply && reply_is_array(reply, 0) && i < reply->elements; i++) {
        const redisReply *group = reply->element[i];
        const redisReply *name = reply_named(group, "name");
        if (!name || !reply_is_text(name, backlog->group))
            continue;
        backlog->lag = number_of(reply_named(group, "lag"));
        backlog->pending = number_of(reply_named(group, "pending"));
        (void)reply_read_stream_id(reply_named(group, "last-delivered-id"), &backlog->delivered);
    }
}

/* XINFO STREAM, asked after the group: where the group has been given the stream's last entry, it
 * lags by nothing but what it can never be given. A deleted entry would make a guess of it. */
static void on_stream(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    struct stream_id last, deleted;

    backlog->unread = NAN;
    if (reply && reply_read_stream_id(reply_named(reply, "last-generated-id"), &last) &&
        reply_read_stream_id(reply_named(reply, "max-deleted-entry-id"), &deleted) &&
        deleted.ms == 0 && stream_id_compare(last, backlog->delivered) == 0)
        backlog->unread = backlog->lag;
}

/* XPENDING with a range: [[id, consumer, idle, deliveries]], or nothing. */
static void on_oldest(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    struct stream_id id;

    backlog->asking = false;
    if (!reply)
        return;
    backlog->oldest_sec = NAN;
    if (reply_read_stream_id(reply_element(reply_element(reply, 0), 0), &id)) {
        double age_ms = (double)redis_clock_now(backlog->clock) - (double)id.ms;
        backlog->oldest_sec = age_ms > 0 ? age_ms / 1000.0 : 0;
    }
    backlog->told(backlog->owner);
}

static bool ask(struct backlog *backlog, struct command *command, link_reply_fn *on_reply)
{
    int refused =
        link_send(backlog->link, command, link_reply_timeout_ms(backlog->link), on_reply, backlog);

    command_free(command);
    return !refused;
}

void backlog_ask(struct backlog *backlog)
{
    struct command groups = {0};
    struct command stream = {0};
    struct command oldest = {0};

    if (backlog->asking)
        return;
    command_add_all(&groups, "XINFO", "GROUPS", backlog->stream, NULL);
    command_add_all(&stream, "XINFO", "STREAM", backlog->stream, NULL);
    command_add_all(&oldest, "XPENDING", backlog->stream, backlog->group, "-", "+", "1", NULL);
    backlog->asking = true;
    bool sent = ask(backlog, &groups, on_groups) && ask(backlog, &stream, on_stream);
    backlog->asking = ask(backlog, &oldest, on_oldest) && sent;
}
