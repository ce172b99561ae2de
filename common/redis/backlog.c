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

/* Another Redis counts from the start, as may one that does not say who it is. */
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
    if (!is_known || memcmp(run + sizeof label - 1, backlog->run, sizeof backlog->run) != 0) {
        backlog->gap = backlog->gap_before = -1;
        backlog->is_proved = false;
        group_reads_forget(&backlog->reads);
    }
    backlog->count.is_credible = backlog->count.is_credible || backlog->is_proved;
    if (is_known)
        memcpy(backlog->run, run + sizeof label - 1, sizeof backlog->run);
}

/* XINFO GROUPS: one list per group. NULL: ours is not among them. */
static const redisReply *own_group(const struct backlog *backlog, const redisReply *reply)
{
    for (size_t i = 0; reply && reply_is_array(reply, 0) && i < reply->elements; i++) {
        const redisReply *name = reply_named(reply->element[i], "name");
        if (name && reply_is_text(name, backlog->group))
            return reply->element[i];
    }
    return NULL;
}

static void on_groups(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    const redisReply *group = own_group(backlog, reply);

    backlog->lag = NAN;
    backlog->pending = number_of(reply_named(group, "pending"));
    backlog->is_there = group != NULL;
    group_count_take_group(&backlog->count, group);
}

/* Redis may have given entries out between the two answers; not to a group that has the last one.
 * What was missing when this Redis was first seen proves nothing where its count does not. */
static void find_gap(struct backlog *backlog)
{
    const struct group_count *count = &backlog->count;

    if (!group_count_is_ahead(count) || group_count_gap(count, 0) < 0)
        return;
    backlog->gap = group_count_gap(count, 0);
    backlog->is_proved = backlog->is_proved || backlog->gap == 0;
    if (count->is_credible)
        backlog->gap_before = 0;
    else if (backlog->gap_before < 0 || backlog->gap_before > backlog->gap)
        backlog->gap_before = backlog->gap;
    backlog->missing = backlog->gap - backlog->gap_before;
}

/* XINFO STREAM, asked after the group. */
static void on_stream(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    struct group_count *count = &backlog->count;

    backlog->missing = -1;
    if (!reply || !backlog->is_there)
        return;
    group_count_take_stream(count, reply);
    find_gap(backlog);
    int64_t lag = group_count_behind(count);
    if (lag < 0)
        lag = group_count_lag(count, backlog->gap < 0 && count->is_credible ? 0 : backlog->gap);
    backlog->lag = lag < 0 ? NAN : (double)lag;
}

/* The group once more: one that has none of what the stream held a moment ago was given nothing of
 * what is gone from it either, and a server that corrects its count has not done so yet. */
static void find_gap_ahead(struct backlog *backlog, const redisReply *group)
{
    struct group_count later = backlog->count;

    group_count_take_group(&later, group);
    int64_t behind = group_count_behind(&later);
    if (behind > 0 && later.is_credible)
        backlog->missing = group_count_lost(&later, behind);
}

static void on_groups_again(void *data, const redisReply *reply)
{
    struct backlog *backlog = data;
    const redisReply *group = own_group(backlog, reply);
    const struct group_reader *reader = backlog->reader;
    int64_t leapt = 0;

    backlog->unread = NAN;
    if (!backlog->is_there || !group)
        return;
    find_gap_ahead(backlog, group);
    if (reader && backlog->count.consumers == 1)
        leapt =
            group_reads_leapt(&backlog->reads, &backlog->count, reader->given, reader->last_given);
    else
        group_reads_forget(&backlog->reads);
    if (leapt >= 0 && backlog->missing >= 0 && !backlog->count.has_deleted)
        backlog->unread = (double)(backlog->missing + leapt);
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
    struct command again = {0};
    struct command oldest = {0};

    if (backlog->asking)
        return;
    command_add_all(&info, "INFO", GROUP_COUNT_INFO, NULL);
    command_add_all(&groups, "XINFO", "GROUPS", backlog->stream, NULL);
    command_add_all(&stream, "XINFO", "STREAM", backlog->stream, NULL);
    command_add_all(&again, "XINFO", "GROUPS", backlog->stream, NULL);
    command_add_all(&oldest, "XPENDING", backlog->stream, backlog->group, "-", "+", "1", NULL);
    backlog->asking = true;
    bool sent = ask(backlog, &info, on_info);
    sent = ask(backlog, &groups, on_groups) && sent;
    sent = ask(backlog, &stream, on_stream) && sent;
    sent = ask(backlog, &again, on_groups_again) && sent;
    backlog->asking = ask(backlog, &oldest, on_oldest) && sent;
}

void backlog_begin(struct backlog *backlog, struct link *link)
{
    backlog->link = link;
    group_reads_forget(&backlog->reads);
    backlog_ask(backlog);
}

/* The count may stay in Redis for as long as the group lives: once told it is old news. */
uint64_t backlog_take_lost(struct backlog *backlog)
{
    double more = backlog->unread - backlog->unread_taken;

    if (isnan(backlog->unread))
        return 0;
    backlog->unread_taken = backlog->unread;
    if (!(more > 0))
        return 0;
    backlog->lost += (uint64_t)more;
    return (uint64_t)more;
}
