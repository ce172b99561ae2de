/* SPDX-License-Identifier: MIT */
#include "ctl/look/stream_look.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

/* What Redis does in a millisecond or two; entries read at once. */
enum { COUNT_PAGE = 1000, WALK_PAGE = 1000 };

static char *name_of(const redisReply *list)
{
    struct reply_text text = {"", 0};

    (void)reply_read_text(reply_named(list, "name"), &text);
    return memory_bytes(text.bytes, text.length);
}

static void *make_list(const redisReply *reply, size_t size, size_t *ret_count)
{
    *ret_count = reply_is_array(reply, 1) ? reply->elements : 0;
    return *ret_count > 0 ? memory_array(*ret_count, size) : NULL;
}

/* --- the stream */

static int ask_info(const struct ask *ask, const char *what, const char *stream, const char *group,
                    redisReply **ret_reply)
{
    struct command question = {0};

    command_add_all(&question, "XINFO", what, stream, NULL);
    if (group)
        command_add(&question, group);
    return ask_reply(ask, &question, ret_reply);
}

static int refuse(redisReply *reply, char **ret_why)
{
    bool is_missing = reply_is_no_key(reply);

    if (!is_missing)
        *ret_why = memory_text(escaped(reply_complaint(reply)).text);
    freeReplyObject(reply);
    return is_missing ? 1 : 2;
}

static int read_stream(const struct ask *ask, struct stream_look *look, char **ret_why)
{
    redisReply *reply;
    int result = ask_info(ask, "STREAM", look->name, NULL, &reply);

    if (result < 0)
        return result;
    if (result > 0)
        return refuse(reply, ret_why);
    group_count_take_stream(&look->count, reply);
    look->length = reply_named_integer(reply, "length", 0);
    look->added = reply_named_integer(reply, "entries-added", look->length);
    look->last = look->count.last;
    look->first = look->count.first;
    freeReplyObject(reply);
    return 0;
}

/* Who may not ask is told of no loss. */
static int read_info(const struct ask *ask, struct stream_look *look)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "INFO", GROUP_COUNT_INFO, NULL);
    if (ask_reply(ask, &question, &reply) < 0)
        return -1;
    group_count_take_info(&look->count, reply);
    freeReplyObject(reply);
    return 0;
}

/* --- groups */

int stream_look_count(const struct ask *ask, const char *stream, struct stream_id id,
                      struct stream_id last, int64_t *ret_count)
{
    struct script script = {.source = count_behind_lua};
    int64_t count = 0, page;

    if (ask_load(ask, &script) < 0)
        return -1;
    do {
        struct command question;
        redisReply *reply;
        script_command(&script, 1, &question);
        command_add(&question, stream);
        command_add_id(&question, id);
        command_add_id(&question, last);
        command_add_int(&question, COUNT_PAGE);
        if (ask_for(ask, stream, &question, &reply) < 0)
            return -1;
        if (!reply_read_integer(reply_element(reply, 0), &page) ||
            !reply_read_stream_id(reply_element(reply, 1), &id))
            page = 0;
        count += page;
        freeReplyObject(reply);
    } while (page == COUNT_PAGE);
    *ret_count = count;
    return 0;
}

/* Redis' own lag counts what was removed ahead of the group, and is wrong where the count is. */
static int read_lag(const struct ask *ask, const struct stream_look *look,
                    const struct group_count *count, struct group_look *group)
{
    group->lag = group_count_behind(count);
    group->lost = group_count_lost(count, group->lag);
    if (group->lag < 0 && count->is_credible && count->added == count->length)
        group->lag = group_count_lag(count, 0);
    group->is_counted = group->lag < 0;
    if (!group->is_counted)
        return 0;
    return stream_look_count(ask, look->name, group->last_delivered, look->last, &group->lag);
}

static int read_oldest(const struct ask *ask, const struct stream_look *look,
                       struct group_look *group)
{
    struct command question = {0};
    redisReply *reply;

    if (group->pending == 0)
        return 0;
    command_add_all(&question, "XPENDING", look->name, group->name, "-", "+", "1", NULL);
    if (ask_reply(ask, &question, &reply) < 0)
        return -1;
    group->has_oldest =
        reply_read_stream_id(reply_element(reply_element(reply, 0), 0), &group->oldest);
    freeReplyObject(reply);
    return 0;
}

static int read_consumers(const struct ask *ask, const struct stream_look *look,
                          struct group_look *group)
{
    redisReply *reply;
    int result = ask_info(ask, "CONSUMERS", look->name, group->name, &reply);

    if (result < 0)
        return result;
    group->consumers = make_list(reply, sizeof *group->consumers, &group->consumer_count);
    for (size_t i = 0; i < group->consumer_count; i++) {
        const redisReply *list = reply->element[i];
        char *name = name_of(list);
        group->consumers[i] = (struct consumer_look){name, memory_text(escaped(name).text),
                                                     reply_named_integer(list, "pending", 0),
                                                     reply_named_integer(list, "idle", 0)};
    }
    freeReplyObject(reply);
    return 0;
}

static int read_group(const struct ask *ask, const struct stream_look *look, const redisReply *list,
                      bool with_consumers, struct group_look *group)
{
    struct group_count count = look->count;

    group_count_take_group(&count, list);
    group->name = name_of(list);
    group->shown = memory_text(escaped(group->name).text);
    group->last_delivered = count.delivered;
    group->pending = reply_named_integer(list, "pending", 0);
    group->entries_read = count.read;
    group->consumers_total = reply_named_integer(list, "consumers", 0);
    if (read_lag(ask, look, &count, group) < 0 || read_oldest(ask, look, group) < 0)
        return -1;
    return with_consumers ? read_consumers(ask, look, group) : 0;
}

static int read_groups(const struct ask *ask, bool with_consumers, struct stream_look *look,
                       char **ret_why)
{
    redisReply *reply;
    int result = ask_info(ask, "GROUPS", look->name, NULL, &reply);

    if (result < 0)
        return result;
    if (result > 0)
        return refuse(reply, ret_why);
    look->groups = make_list(reply, sizeof *look->groups, &look->group_count);
    for (size_t i = 0; i < look->group_count && result == 0; i++)
        result = read_group(ask, look, reply->element[i], with_consumers, &look->groups[i]);
    freeReplyObject(reply);
    return result;
}

int stream_look_read(const struct ask *ask, const char *name, bool with_consumers,
                     struct stream_look *ret_look, char **ret_why)
{
    struct stream_look look = {.name = memory_text(name)};
    int result = read_stream(ask, &look, ret_why);

    if (result == 0)
        result = read_info(ask, &look);
    if (result == 0)
        result = read_groups(ask, with_consumers, &look, ret_why);
    if (result == 0)
        *ret_look = look;
    else
        stream_look_release(&look);
    return result;
}

int stream_look_require(const struct ask *ask, const char *name, bool with_consumers,
                        struct stream_look *ret_look)
{
    char *why = NULL;
    int result = stream_look_read(ask, name, with_consumers, ret_look, &why);

    if (result == 1)
        (void)command_fail(ask->command, "there is no stream %s", escaped(name).text);
    if (result == 2)
        (void)command_fail(ask->command, "%s: %s", escaped(name).text, why);
    free(why);
    return result == 0 ? 0 : -1;
}

int stream_look_walk(const struct ask *ask, const char *stream, const char *what,
                     void (*take)(void *owner, const redisReply *entry, struct stream_id id),
                     void *owner)
{
    char from[STREAM_ID_TEXT_MAX + 1] = "-";
    struct stream_id id = {0};
    size_t count;

    do {
        struct command question = {0};
        redisReply *page;
        command_add_all(&question, "XRANGE", stream, from, "+", "COUNT", NULL);
        command_add_int(&question, WALK_PAGE);
        if (ask_for(ask, what, &question, &page) < 0)
            return -1;
        count = reply_is_array(page, 0) ? page->elements : 0;
        for (size_t i = 0; i < count; i++)
            if (reply_read_stream_id(reply_element(page->element[i], 0), &id))
                take(owner, page->element[i], id);
        from[0] = '(';
        stream_id_print(id, from + 1);
        freeReplyObject(page);
    } while (count == WALK_PAGE);
    return 0;
}

static void release_group(struct group_look *group)
{
    for (size_t i = 0; i < group->consumer_count; i++) {
        free(group->consumers[i].name);
        free(group->consumers[i].shown);
    }
    free(group->consumers);
    free(group->name);
    free(group->shown);
}

void stream_look_release(struct stream_look *look)
{
    for (size_t i = 0; i < look->group_count; i++)
        release_group(&look->groups[i]);
    free(look->groups);
    free(look->name);
    *look = (struct stream_look){0};
}

struct group_look *stream_look_group(const struct stream_look *look, const char *name)
{
    for (size_t i = 0; i < look->group_count; i++)
        if (strcmp(look->groups[i].name, name) == 0)
            return &look->groups[i];
    return NULL;
}

static json_t *age(struct stream_id id, int64_t now_ms)
{
    return id.ms > 0 ? json_integer((json_int_t)(now_ms - (int64_t)id.ms)) : json_null();
}

json_t *stream_json(const struct stream_look *look, int64_t now_ms)
{
    return json_pack("{s:I, s:I, s:o}", "length", (json_int_t)look->length, "added",
                     (json_int_t)look->added, "newest_age_ms", age(look->last, now_ms));
}

json_t *stream_json_group(const struct group_look *group, int64_t now_ms)
{
    return json_pack("{s:I, s:I, s:I, s:b, s:I, s:o, s:o}", "consumers",
                     (json_int_t)group->consumers_total, "pending", (json_int_t)group->pending,
                     "lag", (json_int_t)group->lag, "lag_counted", group->is_counted, "lost",
                     (json_int_t)group->lost, "oldest_pending_age_ms",
                     group->has_oldest ? age(group->oldest, now_ms) : json_null(), "entries_read",
                     document_known(group->entries_read));
}

/* Negative: the connection broke. Any other refusal is for the one who reads it then. XINFO, as a
 * user who may only look has no EXISTS. */
static int is_there(const struct ask *ask, const char *key)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XINFO", "STREAM", key, NULL);
    int result = ask_reply(ask, &question, &reply);
    if (result < 0)
        return -1;
    bool found = !reply_is_no_key(reply);
    freeReplyObject(reply);
    return found;
}

char *stream_name_find(const struct ask *ask, const char *prefix, const char *given)
{
    char *whole = memory_format("%s%s", prefix, given);
    int as_given = is_there(ask, given);
    int with_prefix = as_given == 0 ? is_there(ask, whole) : 0;

    if (as_given < 0 || with_prefix < 0) {
        free(whole);
        return NULL;
    }
    if (with_prefix > 0)
        return whole;
    free(whole);
    return memory_text(given);
}
