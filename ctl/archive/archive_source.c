/* SPDX-License-Identifier: MIT */
#include "ctl/archive/archive_source.h"

#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* A page is so large as its entries allow: large ones come one by one. */
enum { PAGE_MAX = 200, PAGE_BYTES = 256 << 10 };

/* What XINFO says of a stream. */
struct told {
    int64_t added;   /* ever */
    int64_t removed; /* ever, as far as it shows */
    struct stream_id last;
};

static bool read_told(const redisReply *reply, struct told *ret_told)
{
    int64_t length = reply_named_integer(reply, "length", -1);
    int64_t added = reply_named_integer(reply, "entries-added", -1);

    if (length < 0 || added < 0 ||
        !reply_read_stream_id(reply_named(reply, "last-generated-id"), &ret_told->last))
        return false;
    ret_told->added = added;
    ret_told->removed = added - length;
    return true;
}

/* --- a page */

enum { TOLD_BEFORE, PAGE, TOLD_AFTER, REPLIES };

static void ask_told(struct client *client, const char *stream)
{
    struct command question = {0};

    command_add_all(&question, "XINFO", "STREAM", stream, NULL);
    client_append(client, &question);
}

static void ask_page(const struct archive_source *source, struct client *client)
{
    struct command question = {0};
    char from[STREAM_ID_TEXT_MAX + 1] = "(";

    stream_id_print(source->at.last, from + 1);
    command_add_all(&question, "XRANGE", source->stream, from, "+", "COUNT", NULL);
    command_add_int(&question, source->page);
    client_append(client, &question);
}

static int ask(const struct archive_source *source, struct client *client,
               redisReply *replies[static REPLIES])
{
    ask_told(client, source->stream);
    ask_page(source, client);
    ask_told(client, source->stream);
    int result = client_flush(client);
    for (size_t i = 0; i < REPLIES && result == 0; i++)
        result = client_collect(client, &replies[i]);
    return result;
}

/* --- what is taken of it */

static size_t bytes_of(const redisReply *fields)
{
    size_t bytes = 0;

    for (size_t i = 0; i < fields->elements; i++)
        bytes += fields->element[i]->len;
    return bytes;
}

static void fit_page(struct archive_source *source, size_t bytes, size_t entries)
{
    size_t usual = entries > 0 ? bytes / entries + 1 : PAGE_BYTES;
    size_t fits = PAGE_BYTES / usual;

    source->page = entries == 0 || fits > PAGE_MAX ? PAGE_MAX : fits > 0 ? (int64_t)fits : 1;
}

static void miss(struct archive_source *source, const struct archive_sink *sink,
                 struct stream_id before, int64_t lost)
{
    const struct archive_gap gap = {source->at.last, before, lost, "trimmed"};

    sink->miss(sink->owner, source, &gap);
    source->at.added += lost;
}

/* An entry is taken whole, or is read again. */
static bool take(struct archive_source *source, const struct archive_sink *sink,
                 const redisReply *entry)
{
    const redisReply *fields = reply_element(entry, 1);
    struct stream_id id;

    if (!reply_read_stream_id(reply_element(entry, 0), &id) || !reply_is_array(fields, 0) ||
        !sink->take(sink->owner, source, id, fields))
        return false;
    source->at.last = id;
    source->at.added++;
    return true;
}

static size_t take_all(struct archive_source *source, const struct archive_sink *sink,
                       const redisReply *page)
{
    size_t taken = 0, bytes = 0;

    while (taken < page->elements && take(source, sink, page->element[taken]))
        bytes += bytes_of(page->element[taken++]->element[1]);
    fit_page(source, bytes, taken);
    return taken;
}

/* Another stream of that name, or one that lost its past: it is followed from its beginning. */
static int begin_again(struct archive_source *source, const struct archive_sink *sink)
{
    const struct archive_gap gap = {source->at.last, {0}, -1, "another stream"};

    sink->miss(sink->owner, source, &gap);
    source->at = (struct archive_position){.added = 0};
    return 0;
}

static bool is_another(const struct archive_source *source, const struct told *told)
{
    return source->at.added > told->added || stream_id_compare(told->last, source->at.last) < 0;
}

static struct stream_id first_of(const redisReply *page, const struct told *told)
{
    struct stream_id first = told->last;

    if (page->elements > 0)
        (void)reply_read_stream_id(reply_element(page->element[0], 0), &first);
    return first;
}

/* What was removed from the front goes beyond what was taken: that was lost. Where all was read,
 * the count itself says it, also of what was deleted in the middle. */
static int take_page(struct archive_source *source, const struct archive_sink *sink,
                     const struct told *told, const redisReply *page)
{
    bool is_end = (int64_t)page->elements < source->page;
    int64_t begins_at = is_end ? told->added - (int64_t)page->elements : told->removed;

    if (source->at.added < 0)
        source->at.added = begins_at;
    if (begins_at > source->at.added)
        miss(source, sink, first_of(page, told), begins_at - source->at.added);
    return take_all(source, sink, page) == page->elements && is_end ? 1 : 0;
}

static int look(struct archive_source *source, const struct archive_sink *sink,
                redisReply *const replies[static REPLIES], char **ret_why)
{
    struct told before, after;

    if (reply_is_no_key(replies[TOLD_BEFORE]))
        return 1;
    if (!read_told(replies[TOLD_BEFORE], &before) || !read_told(replies[TOLD_AFTER], &after) ||
        !reply_is_array(replies[PAGE], 0)) {
        const redisReply *reply =
            reply_is_error(replies[PAGE]) ? replies[PAGE] : replies[TOLD_BEFORE];
        *ret_why = memory_text(reply_complaint(reply));
        return 2;
    }
    if (before.added != after.added || before.removed != after.removed)
        return 0;
    return is_another(source, &after) ? begin_again(source, sink)
                                      : take_page(source, sink, &after, replies[PAGE]);
}

int archive_source_read(struct archive_source *source, struct client *client,
                        const struct archive_sink *sink, char **ret_why)
{
    redisReply *replies[REPLIES] = {0};

    if (source->page == 0)
        source->page = PAGE_MAX / 2;
    int result = ask(source, client, replies);
    if (result == 0)
        result = look(source, sink, replies, ret_why);
    for (size_t i = 0; i < REPLIES; i++)
        freeReplyObject(replies[i]);
    return result;
}
