/* SPDX-License-Identifier: MIT */
#include "ctl/past/records.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* A record can have a hundred kilobytes, and most have one. */
enum {
    PAGE_BEGIN = 50,
    PAGE_MIN = 8,
    PAGE_MAX = 1000,
    BYTES_FEW = 256 * 1024,   /* pages grow below this, */
    BYTES_MANY = 1024 * 1024, /* and shrink above it */
};

struct record_stream {
    struct records source; /* first, for its way back */
    struct ask ask, pages;
    bool asks_ahead;
    struct record_keys keys;
    struct record_range range;

    struct stream_id last; /* that a page ended with */
    bool has_last;
    bool is_asked, is_over;
    size_t page_size;
    redisReply *page;
    size_t at;                     /* in the page */
    bool overlaps;                 /* the page begins with what the one before it ended with */
    bool has_before;               /* the page is the one entry before the range */
    struct stream_id first, given; /* of the range */
    bool has_first;
};

struct record_range record_range_all(void)
{
    return (struct record_range){.to = {UINT64_MAX, UINT64_MAX}};
}

static struct record_stream *of(struct records *source)
{
    return (struct record_stream *)source;
}

/* --- pages */

static size_t bytes_of(const redisReply *page)
{
    size_t bytes = 0;

    for (size_t i = 0; i < page->elements; i++) {
        const redisReply *fields = reply_element(page->element[i], 1);
        for (size_t j = 0; reply_is_array(fields, j + 1); j++)
            bytes += (size_t)fields->element[j]->len;
    }
    return bytes;
}

static void fit_page_size(struct record_stream *stream)
{
    size_t bytes = bytes_of(stream->page);

    if (bytes > BYTES_MANY)
        stream->page_size /= 4;
    else if (bytes < BYTES_FEW)
        stream->page_size *= 2;
    if (stream->page_size > PAGE_MAX)
        stream->page_size = PAGE_MAX;
    if (stream->page_size < PAGE_MIN)
        stream->page_size = PAGE_MIN;
}

/* From the last one on, that included: whether it is there still says that nothing was trimmed
 * behind it. */
static void ask_page(struct record_stream *stream)
{
    struct command question = {0};

    command_add_all(&question, "XRANGE", stream->keys.decisions, NULL);
    command_add_id(&question, stream->has_last ? stream->last : stream->range.from);
    command_add_id(&question, stream->range.to);
    command_add(&question, "COUNT");
    command_add_int(&question, (int64_t)stream->page_size + (stream->has_last ? 1 : 0));
    client_append(stream->pages.client, &question);
    stream->is_asked = true;
}

static void note_last(struct record_stream *stream)
{
    const redisReply *page = stream->page;
    struct stream_id id;

    stream->overlaps = stream->has_last && page->elements > 0 &&
                       reply_read_stream_id(reply_element(page->element[0], 0), &id) &&
                       stream_id_compare(id, stream->last) == 0;
    stream->at = stream->overlaps ? 1 : 0;
    stream->is_over = page->elements <= stream->at;
    if (stream->is_over)
        return;
    stream->has_last =
        reply_read_stream_id(reply_element(page->element[page->elements - 1], 0), &stream->last);
    stream->is_over = !stream->has_last;
}

static int next_page(struct record_stream *stream)
{
    if (!stream->is_asked)
        ask_page(stream);
    stream->is_asked = false;
    freeReplyObject(stream->page);
    stream->page = NULL;
    if (ask_collect(&stream->pages, stream->keys.decisions, &stream->page) < 0)
        return -1;
    if (!reply_is_array(stream->page, 0)) {
        (void)command_fail(stream->pages.command, "%s", reply_complaint(stream->page));
        return -1;
    }
    note_last(stream);
    if (stream->is_over)
        return 0;
    fit_page_size(stream);
    if (!stream->asks_ahead)
        return 0;
    ask_page(stream);
    if (client_flush(stream->pages.client) == 0)
        return 0;
    (void)command_fail(stream->pages.command, "%s", client_error(stream->pages.client));
    return -1;
}

/* --- entries */

static void note_given(struct record_stream *stream, const struct record_item *item)
{
    if (!stream->has_first && !item->is_before) {
        stream->first = item->entry.id;
        stream->has_first = true;
    }
    stream->given = item->entry.id;
}

static int give(struct record_stream *stream, struct record_item *ret_item)
{
    bool is_first = stream->at == (stream->overlaps ? 1 : 0);

    if (!reply_read_entry(stream->page->element[stream->at], &ret_item->entry)) {
        (void)command_fail(stream->pages.command, "%s", reply_complaint(stream->page));
        return -1;
    }
    ret_item->is_before = stream->has_before;
    ret_item->follows = !is_first || stream->overlaps;
    note_given(stream, ret_item);
    stream->at++;
    return 0;
}

static int next(struct records *source, struct record_item *ret_item)
{
    struct record_stream *stream = of(source);

    if (stream->page && stream->at < stream->page->elements)
        return give(stream, ret_item);
    if (stream->is_over)
        return 1;
    if (next_page(stream) < 0)
        return -1;
    if (stream->is_over)
        return 1;
    stream->has_before = false;
    return give(stream, ret_item);
}

/* --- settings */

static int settings(struct records *source, const char *digest, char **ret_text, size_t *ret_length)
{
    struct record_stream *stream = of(source);
    struct command question = {0};
    struct reply_text text;
    redisReply *reply;

    command_add_all(&question, "HMGET", stream->keys.settings, digest, NULL);
    if (ask_reply(&stream->ask, &question, &reply) < 0)
        return -1;
    bool is_there = reply_read_text(reply_element(reply, 0), &text);
    if (is_there) {
        *ret_text = memory_bytes(text.bytes, text.length);
        *ret_length = text.length;
    }
    freeReplyObject(reply);
    return is_there ? 0 : 1;
}

/* Ids tell the time: from the first one that there was to the end of the range. */
static double share(const struct records *source)
{
    const struct record_stream *stream = (const struct record_stream *)source;
    uint64_t from = stream->first.ms, to = stream->range.to.ms, at = stream->given.ms;

    if (at <= from || to <= from)
        return 0;
    return at >= to ? 1 : (double)(at - from) / (double)(to - from);
}

static void close_stream(struct records *source)
{
    struct record_stream *stream = of(source);

    freeReplyObject(stream->page);
    free(stream);
}

/* The one before the range, as a page of its own. */
static int read_before(struct record_stream *stream)
{
    struct command question = {0};
    char from[STREAM_ID_TEXT_MAX];

    stream_id_print(stream->range.from, from);
    command_add_all(&question, "XREVRANGE", stream->keys.decisions, NULL);
    command_add_format(&question, "(%s", from);
    command_add_all(&question, "-", "COUNT", "1", NULL);
    if (ask_for(&stream->pages, stream->keys.decisions, &question, &stream->page) < 0)
        return -1;
    if (!reply_is_array(stream->page, 1))
        return 0;
    note_last(stream);
    stream->has_before = !stream->is_over;
    return 0;
}

static bool begins_at_start(const struct record_range *range)
{
    return range->from.ms == 0 && range->from.sequence == 0;
}

struct records *record_stream_open(const struct ask *ask, struct client *pages,
                                   const struct record_keys *keys, const struct record_range *range)
{
    struct record_stream *stream = memory_new(sizeof *stream);

    *stream = (struct record_stream){
        .source = {.next = next, .settings = settings, .share = share, .close = close_stream},
        .ask = *ask,
        .pages = {ask->command, pages ? pages : ask->client},
        .asks_ahead = pages != NULL,
        .keys = *keys,
        .range = *range,
        .page_size = PAGE_BEGIN,
    };
    if (!begins_at_start(range) && read_before(stream) < 0) {
        close_stream(&stream->source);
        return NULL;
    }
    return &stream->source;
}
