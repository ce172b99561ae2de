/* SPDX-License-Identifier: MIT */
#include "common/redis/backlog.h"

#include <math.h>
#include <string.h>

#include "common/redis/reply.h"

static double number_of(const redisReply *reply)
{
    int64_t value;

    return reply && reply_read_integer(reply, &value) ? (double)value : NAN;
}

/* Another Redis counts anew, as may one that does not say who it is. */
static void on_info(void *data, const redisReply *reply)
{
    static const char label[] = "\nrun_id:";
    struct backlog *backlog = data;
    struct reply_text info = {"", 0};

    if (!reply)
        return;
    group_count_take_info(&backlog->count, reply);
    (void)reply_read_text(reply, &info);
    const char *run = memmem(info.bytes, info.length, label, sizeof label - 1);
    size_t length = run ? (size_t)(info.bytes + info.length - run) - (sizeof label - 1) : 0;
    bool is_known = length >= sizeof backlog->run;
    if (!is_known || memcmp(run + sizeof label - 1, backlog->run, sizeof backlog->run) != 0)
        backlog->gap = backlog->gap_before = -1;
    if (is_known)
        memcpy(backlog->run, run + sizeof label - 1, sizeof backlog->run);
}

/* XINFO GROUPS: one list per group. */
static void on_groups(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;

    backlog->lag = backlog->pending = NAN;
    group_count_take_group(&backlog->count, NULL);
    backlog->is_there = false;
    for (size_t i = 0; reply && reply_is_array(reply, 0) && i < reply->elements; i++) {
        const redisReply *group = reply->element[i];
        const redisReply *name = reply_named(group, "name");
        if (!name || !reply_is_text(name, backlog->group))
            continue;
        backlog->is_there = true;
        backlog->pending = number_of(reply_named(group, "pending"));
        group_count_take_group(&backlog->count, group);
    }
}

/* Redis may have given entries out between the two answers; not to a group that has the last one.
 * What was missing when this Redis was first seen proves nothing where its count does not. */
static void find_gap(struct backlog *backlog)
{
    const struct group_count *count = &backlog->count;

    if (!group_count_is_ahead(count) || group_count_gap(count, 0) < 0)
        return;
    backlog->gap = group_count_gap(count, 0);
    if (count->is_credible)
        backlog->gap_before = 0;
    else if (backlog->gap_before < 0 || backlog->gap_before > backlog->gap)
        backlog->gap_before = backlog->gap;
    if (!count->has_deleted)
        backlog->unread = (double)(backlog->gap - backlog->gap_before);
}

/* XINFO STREAM, asked after the group. */
static void on_stream(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    struct group_count *count = &backlog->count;

    backlog->unread = NAN;
    if (!reply || !backlog->is_there)
        return;
    group_count_take_stream(count, reply);
    find_gap(backlog);
    int64_t lag = group_count_behind(count);
    if (lag < 0)
        lag = group_count_lag(count, backlog->gap < 0 && count->is_credible ? 0 : backlog->gap);
    backlog->lag = lag < 0 ? NAN : (double)lag;
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
    struct command info = {0};
    struct command groups = {0};
    struct command stream = {0};
    struct command oldest = {0};

    if (backlog->asking)
        return;
    command_add_all(&info, "INFO", GROUP_COUNT_INFO, NULL);
    command_add_all(&groups, "XINFO", "GROUPS", backlog->stream, NULL);
    command_add_all(&stream, "XINFO", "STREAM", backlog->stream, NULL);
    command_add_all(&oldest, "XPENDING", backlog->stream, backlog->group, "-", "+", "1", NULL);
    backlog->asking = true;
    bool sent = ask(backlog, &info, on_info);
    sent = ask(backlog, &groups, on_groups) && sent;
    sent = ask(backlog, &stream, on_stream) && sent;
    backlog->asking = ask(backlog, &oldest, on_oldest) && sent;
}
