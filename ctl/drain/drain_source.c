/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_source.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

enum { PAGE_BEGIN = 50 };

void drain_source_init(struct drain_source *source, const struct drain_place *place,
                       const struct drain_look *look)
{
    *source = (struct drain_source){
        .place = place,
        .left = place->config->events_max,
        .owners = look->owners,
        .owner_count = look->owner_count,
        .self = {memory_text(place->config->values->consumer),
                 strlen(place->config->values->consumer), true},
        .last_delivered = look->last_delivered,
        .page_size = PAGE_BEGIN,
    };
    if (look->owner_count == 0)
        source->cursor = look->last_delivered;
}

void drain_page_clear(struct drain_page *page)
{
    for (size_t i = 0; i < page->reply_count; i++)
        freeReplyObject(page->replies[i]);
    page->count = page->reply_count = 0;
}

void drain_source_deinit(struct drain_source *source)
{
    drain_page_clear(&source->page);
    free(source->self.name);
    source->self.name = NULL;
}

static int shape_fail(const struct drain_source *source, const redisReply *reply)
{
    (void)command_fail(source->place->ask.command, "%s", reply_complaint(reply));
    return -1;
}

static size_t bytes_of(const redisReply *fields)
{
    size_t bytes = 0;

    for (size_t i = 0; reply_is_array(fields, i + 1); i++)
        bytes += (size_t)fields->element[i]->len;
    return bytes;
}

static void fit_page_size(struct drain_source *source)
{
    const struct drain_page *page = &source->page;
    size_t bytes = 0;

    for (size_t i = 0; i < page->count; i++)
        bytes += bytes_of(page->items[i].fields);
    if (bytes > DRAIN_PAGE_BYTES_MANY)
        source->page_size /= 4;
    else if (bytes < DRAIN_PAGE_BYTES_FEW)
        source->page_size *= 2;
    if (source->page_size > DRAIN_PAGE_MAX)
        source->page_size = DRAIN_PAGE_MAX;
    if (source->page_size < DRAIN_PAGE_MIN)
        source->page_size = DRAIN_PAGE_MIN;
}

static int64_t count_wanted(const struct drain_source *source)
{
    return (int64_t)source->page_size < source->left ? (int64_t)source->page_size : source->left;
}

/* There is no id behind the last one to ask for. */
static bool is_at_end(struct stream_id id)
{
    return id.ms == UINT64_MAX && id.sequence == UINT64_MAX;
}

/* "(ID": from the one behind it on. */
static void add_cursor(struct command *command, struct stream_id cursor)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(cursor, text);
    command_add_format(command, "(%s", text);
}

/* --- what is pending */

/* Reads the ids into the page, without their fields. */
static int read_pending(struct drain_source *source, const struct drain_owner *owner)
{
    const struct drain_place *place = source->place;
    struct drain_page *page = &source->page;
    struct command command = {0};
    redisReply *reply;
    int result = 0;

    if (is_at_end(source->cursor))
        return 0;
    command_add_all(&command, "XPENDING", place->config->stream, place->config->group, NULL);
    add_cursor(&command, source->cursor);
    command_add(&command, "+");
    command_add_int(&command, count_wanted(source));
    command_add_bytes(&command, owner->name, owner->length);
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &reply) < 0)
        return -1;
    for (size_t i = 0; i < reply->elements && i < DRAIN_PAGE_MAX && result == 0; i++) {
        struct drain_item *item = &page->items[page->count++];
        *item = (struct drain_item){.owner = owner};
        if (!reply_read_stream_id(reply_element(reply->element[i], 0), &item->id))
            result = shape_fail(source, reply);
    }
    if (page->count > 0)
        source->cursor = page->items[page->count - 1].id;
    freeReplyObject(reply);
    return result;
}

/* One question for each: they may lie far apart. */
int drain_page_read(struct drain_page *page, const struct drain_place *place)
{
    int result = 0;

    for (size_t i = 0; i < page->count; i++) {
        struct command command = {0};
        command_add_all(&command, "XRANGE", place->config->stream, NULL);
        command_add_id(&command, page->items[i].id);
        command_add_id(&command, page->items[i].id);
        client_append(place->ask.client, &command);
    }
    for (size_t i = 0; i < page->count && result == 0; i++) {
        redisReply *reply;
        result = ask_collect(&place->ask, DRAIN_REFUSED, &reply);
        if (result < 0)
            break;
        page->replies[page->reply_count++] = reply;
        page->items[i].fields = reply_element(reply_element(reply, 0), 1);
    }
    return result;
}

static size_t add_present(const struct drain_page *page, struct command *command)
{
    size_t present = 0;

    for (size_t i = 0; i < page->count; i++) {
        if (page->items[i].fields) {
            command_add_id(command, page->items[i].id);
            present++;
        }
    }
    return present;
}

/* Ids rise in both lists. What is gone from the stream stays its owner's; what was not claimed
 * belongs to another consumer by now. */
static void keep_claimed(struct drain_source *source, const redisReply *claimed)
{
    struct drain_page *page = &source->page;
    size_t kept = 0, at = 0;
    struct stream_id id;

    for (size_t i = 0; i < page->count; i++) {
        struct drain_item *item = &page->items[i];
        bool is_ours = reply_read_stream_id(reply_element(claimed, at), &id) &&
                       stream_id_compare(id, item->id) == 0;
        if (is_ours) {
            item->owner = &source->self;
            at++;
        }
        if (is_ours || !item->fields)
            page->items[kept++] = *item;
    }
    source->taken += page->count - kept;
    page->count = kept;
}

static int claim(struct drain_source *source)
{
    const struct drain_place *place = source->place;
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "XCLAIM", place->config->stream, place->config->group,
                    place->config->values->consumer, NULL);
    command_add_int(&command, place->config->live_ms);
    size_t present = add_present(&source->page, &command);
    command_add(&command, "JUSTID");
    if (present == 0) {
        command_free(&command);
        return 0;
    }
    if (ask_for(&place->ask, DRAIN_REFUSED, &command, &reply) < 0)
        return -1;
    keep_claimed(source, reply);
    freeReplyObject(reply);
    return 0;
}

static void next_owner(struct drain_source *source)
{
    source->owners++;
    source->owner_count--;
    source->cursor = source->owner_count > 0 ? (struct stream_id){0} : source->last_delivered;
}

/* A page with nothing in it: this owner has no more, or another consumer took all of it. */
static int next_pending(struct drain_source *source)
{
    const struct drain_owner *owner = source->owners;

    if (read_pending(source, owner) < 0)
        return -1;
    if (source->page.count == 0) {
        next_owner(source);
        return 0;
    }
    if (drain_page_read(&source->page, source->place) < 0)
        return -1;
    return source->place->config->is_live && !owner->is_self ? claim(source) : 0;
}

/* --- what is new */

static void ask_new(struct drain_source *source)
{
    const struct drain_place *place = source->place;
    struct command command = {0};

    source->asked = is_at_end(source->cursor) ? 0 : count_wanted(source);
    if (source->asked == 0)
        return;
    if (place->config->is_live) {
        command_add_all(&command, "XREADGROUP", "GROUP", place->config->group,
                        place->config->values->consumer, "COUNT", NULL);
        command_add_int(&command, source->asked);
        command_add_all(&command, "STREAMS", place->config->stream, ">", NULL);
    } else {
        command_add_all(&command, "XRANGE", place->config->stream, NULL);
        add_cursor(&command, source->cursor);
        command_add_all(&command, "+", "COUNT", NULL);
        command_add_int(&command, source->asked);
    }
    client_append(place->ask.client, &command);
}

static int take_new(struct drain_source *source, const redisReply *entries)
{
    struct drain_page *page = &source->page;

    for (size_t i = 0; reply_is_array(entries, i + 1) && i < DRAIN_PAGE_MAX; i++) {
        const redisReply *pair = entries->element[i];
        struct drain_item *item = &page->items[page->count++];
        *item = (struct drain_item){.fields = reply_element(pair, 1), .owner = &source->self};
        if (!reply_read_stream_id(reply_element(pair, 0), &item->id))
            return shape_fail(source, entries);
        source->cursor = item->id;
    }
    return 0;
}

static int next_new(struct drain_source *source)
{
    redisReply *reply;

    if (source->asked == 0)
        ask_new(source);
    if (source->asked == 0)
        return 0;
    source->asked = 0;
    if (ask_collect(&source->place->ask, DRAIN_REFUSED, &reply) < 0)
        return -1;
    source->page.replies[source->page.reply_count++] = reply;
    return take_new(
        source, source->place->config->is_live ? reply_element(reply_element(reply, 0), 1) : reply);
}

int drain_source_next(struct drain_source *source, const struct drain_page **ret_page)
{
    bool is_new = false;
    int result = 0;

    drain_page_clear(&source->page);
    while (result == 0 && source->page.count == 0 && !is_new && source->left > 0) {
        drain_page_clear(&source->page);
        is_new = source->owner_count == 0;
        result = is_new ? next_new(source) : next_pending(source);
    }
    if (result < 0)
        return result;
    if (source->page.count == 0)
        return 1;
    fit_page_size(source);
    source->left -= (int64_t)source->page.count;
    if (is_new) {
        ask_new(source);
        result = client_flush(source->place->ask.client);
    }
    *ret_page = &source->page;
    if (result < 0)
        (void)command_fail(source->place->ask.command, "%s",
                           client_error(source->place->ask.client));
    return result;
}

bool drain_item_read(const struct drain_item *item, struct entry *ret_entry)
{
    ret_entry->id = item->id;
    ret_entry->count = 0;
    return !item->fields || reply_read_fields(item->fields, ret_entry);
}
