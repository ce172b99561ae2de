/* SPDX-License-Identifier: MIT */
/*
 * Who writes intents: a neighbour's engine that publishes its decisions itself, beside the router,
 * makes two orders of each. Known by the entries' `source`. Exits are left out: they do not pass
 * through the router, so somebody else has to write them.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "common/trade/direction.h"
#include "common/trade/fields.h"
#include "common/trade/intent.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/look/status_look.h"

enum {
    LAST_ENTRIES = 100,
    ENTRIES_MAX = 20000, /* behind an entry that is named */
    WRITERS_MAX = 16,    /* told by name; all further ones are told as one */
    SOURCE_MAX = 60,
};

struct writer {
    char source[4 * SOURCE_MAX + 8]; /* escaped */
    int64_t count;
    struct stream_id last;
};

struct writers {
    struct writer list[WRITERS_MAX + 1];
    size_t count;
    int64_t entries;
};

static void print_source(const struct entry *entry, struct writer *writer)
{
    const struct entry_field *source = entry_find(entry, "source");

    if (source && source->value_length > 0)
        (void)escape(source->value, source->value_length, SOURCE_MAX, writer->source,
                     sizeof writer->source);
    else
        (void)snprintf(writer->source, sizeof writer->source, "(none)");
}

static struct writer *find(struct writers *writers, const struct writer *wanted)
{
    for (size_t i = 0; i < writers->count; i++)
        if (strcmp(writers->list[i].source, wanted->source) == 0)
            return &writers->list[i];
    if (writers->count <= WRITERS_MAX)
        writers->list[writers->count++] = *wanted;
    struct writer *found = &writers->list[writers->count - 1];
    if (writers->count > WRITERS_MAX)
        (void)snprintf(found->source, sizeof found->source, "(others)");
    return found;
}

static bool is_exit(const struct entry *entry)
{
    struct direction direction;
    struct fields fields;

    if (fields_open(entry, &fields) != RULE_NONE)
        return false;
    bool closes = direction_read(&fields, &direction) && direction.intention == INTENT_CLOSE;
    fields_close(&fields);
    return closes;
}

/* The newest come first. What cannot be read somebody else may execute. */
static void take(struct writers *writers, const redisReply *reply)
{
    struct writer writer = {.count = 0};
    struct entry entry;

    if (!reply_read_entry(reply, &entry) || is_exit(&entry))
        return;
    print_source(&entry, &writer);
    writer.last = entry.id;
    find(writers, &writer)->count++;
    writers->entries++;
}

/* Behind the entry that was named; else the last ones, as far as they are not too old to matter. */
static int ask_entries(struct status *status, redisReply **ret_reply)
{
    const struct router_settings *router = status->router;
    int64_t since_ms = status->now_ms - router->in_flight_max_age_sec * 1000;
    bool is_named = *status->intents_after;
    char *from = is_named ? memory_format("(%s", status->intents_after)
                          : memory_format("%lld", (long long)(since_ms > 0 ? since_ms : 0));
    struct command question = {0};

    command_add_all(&question, "XREVRANGE", router->keys.intents, "+", from, "COUNT", NULL);
    command_add_int(&question, is_named ? ENTRIES_MAX : LAST_ENTRIES);
    int result = ask_for(&status->ask, escaped(router->keys.intents).text, &question, ret_reply);
    free(from);
    return result;
}

static void judge(struct status *status, const struct writers *writers, const struct writer *writer)
{
    int64_t age_ms = status->now_ms - (int64_t)writer->last.ms;
    char shown[SPAN_TEXT_MAX];

    if (strcmp(writer->source, INTENT_SOURCE) == 0)
        return;
    span_print(age_ms, shown);
    findings_add_aged(&status->findings, WARNING, age_ms,
                      "%s is written by %s, too: %lld of the last %s to open, the newest %s old; a "
                      "decision that comes both ways becomes two orders",
                      escaped(status->router->keys.intents).text, writer->source,
                      (long long)writer->count, counted(writers->entries, "intent", "intents").text,
                      shown);
}

static json_t *writer_json(const struct writer *writer)
{
    char last[STREAM_ID_TEXT_MAX];

    stream_id_print(writer->last, last);
    return json_pack("{s:s, s:I, s:s}", "source", writer->source, "entries",
                     (json_int_t)writer->count, "last_id", last);
}

int status_add_writers(struct status *status)
{
    struct writers writers = {.count = 0};
    redisReply *reply;

    if (ask_entries(status, &reply) < 0) {
        document_put(status->document, "writers", json_null());
        return status_unread(status, "who writes intents");
    }
    for (size_t i = 0; reply_is_array(reply, i + 1); i++)
        take(&writers, reply->element[i]);
    freeReplyObject(reply);
    json_t *list = json_array();
    for (size_t i = 0; i < writers.count; i++) {
        judge(status, &writers, &writers.list[i]);
        (void)json_array_append_new(list, writer_json(&writers.list[i]));
    }
    document_put(status->document, "writers", list);
    return 0;
}
