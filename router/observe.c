/* SPDX-License-Identifier: MIT */
#include "router/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* What snapshot.lua returns, in its order. */
enum { TIME, MICROSECONDS, OPEN_ORDERS, SAFE_MODE, SAFE_TTL, EPOCH, SEQUENCE, MARKS, ELEMENTS };

void observe_command(const struct script *script, const struct keys *keys,
                     const struct window *window, struct command *ret_command)
{
    script_command(script, 3 + window->count, ret_command);
    command_add_all(ret_command, keys->open_orders, keys->safe_mode, keys->commit, NULL);
    for (size_t i = 0; i < window->count; i++)
        command_add_format(ret_command, "%s%s", keys->dedup,
                           window->candidates[i].signal->decision_id);
    command_add_int(ret_command, SNAPSHOT_TEXT_MAX - 1);
}

bool observe_read_time(const redisReply *reply, size_t at, int64_t *ret_ms)
{
    int64_t seconds, microseconds;

    if (!reply_read_integer(reply_element(reply, at), &seconds) ||
        !reply_read_integer(reply_element(reply, at + 1), &microseconds))
        return false;
    *ret_ms = seconds * 1000 + microseconds / 1000;
    return true;
}

static bool starts_with(const struct reply_text *text, const char *start)
{
    return text->length >= strlen(start) && memcmp(text->bytes, start, strlen(start)) == 0;
}

static void copy(const char *bytes, size_t length, char ret_text[static SNAPSHOT_TEXT_MAX + 1])
{
    if (length > SNAPSHOT_TEXT_MAX)
        length = SNAPSHOT_TEXT_MAX;
    memcpy(ret_text, bytes, length);
    ret_text[length] = '\0';
}

/* "missing", "type:list" or "text:3": the text, or "(list)". */
static void show(const struct reply_text *seen, char ret_text[static SNAPSHOT_TEXT_MAX + 1])
{
    enum { PREFIX = 5 };

    ret_text[0] = '\0';
    if (starts_with(seen, "text:"))
        copy(seen->bytes + PREFIX, seen->length - PREFIX, ret_text);
    else if (starts_with(seen, "type:"))
        (void)snprintf(ret_text, SNAPSHOT_TEXT_MAX + 1, "(%.*s)", (int)(seen->length - PREFIX),
                       seen->bytes + PREFIX);
}

static bool read_open(const redisReply *reply, struct snapshot *snapshot)
{
    struct reply_text seen;

    if (!reply_read_text(reply, &seen) || seen.length >= sizeof snapshot->open_seen)
        return false;
    memcpy(snapshot->open_seen, seen.bytes, seen.length);
    snapshot->open_seen_length = seen.length;
    show(&seen, snapshot->open_text);
    if (starts_with(&seen, "missing"))
        snapshot->open.kind = OPEN_ORDERS_MISSING;
    else if (starts_with(&seen, "text:"))
        snapshot->open = open_orders_read(seen.bytes + 5, seen.length - 5);
    else
        snapshot->open.kind = OPEN_ORDERS_UNPARSEABLE;
    return true;
}

static bool read_safe_mode(const redisReply *reply, struct snapshot *snapshot)
{
    struct reply_text seen;

    if (!reply_read_text(reply_element(reply, SAFE_MODE), &seen) ||
        !reply_read_integer(reply_element(reply, SAFE_TTL), &snapshot->safe_ttl_sec))
        return false;
    snapshot->safe_mode = !starts_with(&seen, "missing");
    show(&seen, snapshot->safe_text);
    return true;
}

/* No sequence, or one out of shape, is none: the commit will refuse it. */
static void read_fence(const redisReply *reply, struct snapshot *snapshot)
{
    int64_t sequence = 0;

    if (!reply_copy_text(reply_element(reply, EPOCH), snapshot->epoch, sizeof snapshot->epoch))
        snapshot->epoch[0] = '\0';
    if (reply_read_integer(reply_element(reply, SEQUENCE), &sequence) && sequence >= 0)
        snapshot->sequence = (uint64_t)sequence;
}

bool observe_read(const redisReply *reply, size_t candidates, struct snapshot *ret_snapshot)
{
    struct snapshot snapshot = {0};
    struct reply_text marks;

    if (!reply_is_array(reply, ELEMENTS) || !observe_read_time(reply, TIME, &snapshot.now_ms) ||
        !read_open(reply_element(reply, OPEN_ORDERS), &snapshot) ||
        !read_safe_mode(reply, &snapshot) ||
        !reply_read_text(reply_element(reply, MARKS), &marks) || marks.length != candidates)
        return false;
    read_fence(reply, &snapshot);
    snapshot.marked = memory_bytes(marks.bytes, marks.length);
    *ret_snapshot = snapshot;
    return true;
}

void snapshot_release(struct snapshot *snapshot)
{
    free(snapshot->marked);
    snapshot->marked = NULL;
}
