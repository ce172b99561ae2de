/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_group.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "ctl/look/stream_look.h"

/* --- the stream */

static int look_at_stream(const struct drain_place *place, struct drain_look *look)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "XINFO", "STREAM", place->config->stream, NULL);
    if (ask_reply(&place->ask, &command, &reply) < 0)
        return -1;
    bool is_stream = !reply_is_error(reply);
    bool is_lacking = reply_is_no_key(reply);
    if (is_lacking && place->config->may_lack_stream)
        look->lacks_stream = is_stream = true;
    else if (is_lacking)
        (void)command_fail(place->ask.command, "there is no stream %s; name another with --stream",
                           place->config->stream);
    else if (!is_stream)
        (void)command_fail(place->ask.command, "%s cannot be looked at: %s", place->config->stream,
                           reply_complaint(reply));
    look->length = reply_named_integer(reply, "length", 0);
    group_count_take_stream(&look->count, reply);
    freeReplyObject(reply);
    return is_stream ? 0 : -1;
}

/* --- the group */

static int take_group(const struct drain_place *place, const redisReply *group,
                      struct drain_look *look)
{
    struct group_count *count = &look->count;
    int64_t gone = count->added - count->length;

    group_count_take_group(count, group);
    look->last_delivered = count->delivered;
    look->pending = reply_named_integer(group, "pending", 0);
    look->lag = group_count_behind(count);
    if (count->is_credible && count->read >= 0 && gone > count->read)
        look->lost = gone - count->read;
    if (look->lag >= 0 || count->redis_lag < 0)
        return 0;
    return stream_look_count(&place->ask, place->config->stream, count->delivered, count->last,
                             &look->lag);
}

/* A user who may not ask is told of no loss. */
static int look_at_info(const struct drain_place *place, struct drain_look *look)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "INFO", GROUP_COUNT_INFO, NULL);
    if (ask_reply(&place->ask, &command, &reply) < 0)
        return -1;
    group_count_take_info(&look->count, reply);
    freeReplyObject(reply);
    return 0;
}

static int look_at_group(const struct drain_place *place, struct drain_look *look)
{
    struct command command = {0};
    redisReply *groups;
    bool found = false;
    int result = 0;

    command_add_all(&command, "XINFO", "GROUPS", place->config->stream, NULL);
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &groups) < 0)
        return -1;
    for (size_t i = 0; i < groups->elements && !found; i++) {
        found = reply_is_text(reply_named(groups->element[i], "name"), place->config->group);
        if (found)
            result = take_group(place, groups->element[i], look);
    }
    freeReplyObject(groups);
    look->lacks_group = !found && place->config->may_lack_group;
    if (look->lacks_group)
        return 0;
    if (!found && place->config->values->from_start)
        (void)command_fail(place->ask.command, "there is no group %s on %s: that run has ended",
                           place->config->group, place->config->stream);
    else if (!found)
        (void)command_fail(place->ask.command,
                           "there is no group %s on %s; start the executor, which makes it, or "
                           "name another with --consumer-group",
                           place->config->group, place->config->stream);
    return found ? result : -1;
}

/* --- its consumers */

static void add_owner(struct drain_look *look, struct reply_text name, bool is_self)
{
    size_t at = is_self ? 0 : look->owner_count;

    look->owners = memory_resize(look->owners, look->owner_count + 1, sizeof *look->owners);
    memmove(look->owners + at + 1, look->owners + at,
            (look->owner_count - at) * sizeof *look->owners);
    look->owners[at] =
        (struct drain_owner){memory_bytes(name.bytes, name.length), name.length, is_self};
    look->owner_count++;
}

static void take_consumer(const struct drain_place *place, const redisReply *consumer,
                          struct drain_look *look)
{
    const redisReply *named = reply_named(consumer, "name");
    int64_t idle_ms = reply_named_integer(consumer, "idle", 0);
    bool is_self = reply_is_text(named, place->config->values->consumer);
    struct reply_text name;

    if (!reply_read_text(named, &name))
        return;
    if (is_self || idle_ms >= place->config->live_ms) {
        if (reply_named_integer(consumer, "pending", 0) > 0)
            add_owner(look, name, is_self);
    } else if (!look->live) {
        look->live = memory_bytes(name.bytes, name.length);
        look->live_idle_ms = idle_ms;
    }
}

static int look_at_consumers(const struct drain_place *place, struct drain_look *look)
{
    struct command command = {0};
    redisReply *consumers;

    if (look->lacks_group)
        return 0;
    command_add_all(&command, "XINFO", "CONSUMERS", place->config->stream, place->config->group,
                    NULL);
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &consumers) < 0)
        return -1;
    for (size_t i = 0; i < consumers->elements; i++)
        take_consumer(place, consumers->element[i], look);
    freeReplyObject(consumers);
    return 0;
}

int drain_group_look(const struct drain_place *place, bool is_there, struct drain_look *ret_look)
{
    struct drain_look look = {0};

    if (look_at_stream(place, &look) < 0 || look_at_info(place, &look) < 0)
        return -1;
    look.lag = look.length;
    bool has_group = is_there && !look.lacks_stream;
    if (has_group && (look_at_group(place, &look) < 0 || look_at_consumers(place, &look) < 0)) {
        drain_look_release(&look);
        return -1;
    }
    *ret_look = look;
    return 0;
}

void drain_look_release(struct drain_look *look)
{
    for (size_t i = 0; i < look->owner_count; i++)
        free(look->owners[i].name);
    free(look->owners);
    free(look->live);
    *look = (struct drain_look){0};
}

/* --- the run's own group and consumer */

int drain_group_make(const struct drain_place *place)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "XGROUP", "CREATE", place->config->stream, place->config->group, "0",
                    NULL);
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &reply) < 0)
        return -1;
    freeReplyObject(reply);
    return 0;
}

int drain_group_leave(const struct drain_place *place, bool is_finished)
{
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "EVAL", drain_leave_lua, "1", place->config->stream,
                    place->config->group, place->config->values->consumer,
                    place->config->values->from_start && is_finished ? "1" : "0", NULL);
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &reply) < 0)
        return -1;
    freeReplyObject(reply);
    return 0;
}
