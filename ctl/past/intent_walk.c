/* SPDX-License-Identifier: MIT */
#include "ctl/past/intent_walk.h"

#include "common/redis/reply.h"

enum { PAGE = 200 };

/* An id that cannot be read ends the page. */
static bool id_at(const struct intent_walk *walk, struct stream_id *ret_id)
{
    return walk->page && walk->at < walk->page->elements &&
           reply_read_stream_id(reply_element(walk->page->element[walk->at], 0), ret_id);
}

/* Puts the walk at the first one that is not before `id`; false: the page ends before that. */
static bool advance(struct intent_walk *walk, struct stream_id id, struct stream_id *ret_at)
{
    while (id_at(walk, ret_at)) {
        if (stream_id_compare(*ret_at, id) >= 0)
            return true;
        walk->at++;
    }
    return false;
}

static int read_page(struct intent_walk *walk, struct stream_id from)
{
    struct command question = {0};

    freeReplyObject(walk->page);
    walk->page = NULL;
    command_add_all(&question, "XRANGE", walk->stream, NULL);
    command_add_id(&question, from);
    command_add_all(&question, "+", "COUNT", NULL);
    command_add_int(&question, PAGE);
    if (ask_for(&walk->ask, walk->stream, &question, &walk->page) < 0)
        return -1;
    walk->at = 0;
    walk->is_over = walk->page->elements < PAGE;
    return 0;
}

static int take(const struct intent_walk *walk, struct entry_field *ret_payload)
{
    struct entry entry;

    if (!reply_read_entry(walk->page->element[walk->at], &entry) || entry.count > ENTRY_FIELDS_MAX)
        return 1;
    const struct entry_field *payload = entry_find(&entry, "payload");
    if (!payload)
        return 1;
    *ret_payload = *payload;
    return 0;
}

int intent_walk_find(struct intent_walk *walk, struct stream_id id, struct entry_field *ret_payload)
{
    struct stream_id at;

    if (!advance(walk, id, &at)) {
        if (walk->is_over)
            return 1;
        if (read_page(walk, id) < 0)
            return -1;
        if (!advance(walk, id, &at))
            return 1;
    }
    return stream_id_compare(at, id) == 0 ? take(walk, ret_payload) : 1;
}

void intent_walk_release(struct intent_walk *walk)
{
    freeReplyObject(walk->page);
    walk->page = NULL;
}
