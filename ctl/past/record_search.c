/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_search.h"

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "ctl/past/archive_search.h"

static size_t page_of(const struct record_search *search)
{
    enum { USUAL = 100 };

    return search->page > 0 ? (size_t)search->page : USUAL;
}

/* --- in Redis */

static bool is_enough(struct record_search *search, const redisReply *page)
{
    size_t asked = page_of(search);
    struct entry entry;

    for (size_t i = 0; i < page->elements; i++)
        if (reply_read_entry(page->element[i], &entry) && record_search_offer(search, &entry))
            return true;
    search->is_cut = page->elements == asked && search->bytes > RECORD_SEARCH_BYTES_MAX;
    return page->elements < asked || search->is_cut;
}

static int ask_page(const struct ask *ask, const struct record_search *search,
                    redisReply **ret_page)
{
    struct command question = {0};
    char last[STREAM_ID_TEXT_MAX];
    bool is_first = search->looked == 0;

    stream_id_print(search->last, last);
    command_add_all(&question, search->is_backwards ? "XREVRANGE" : "XRANGE", search->stream, NULL);
    if (!is_first)
        command_add_format(&question, "(%s", last);
    else if (search->is_backwards)
        command_add(&question, "+");
    else
        command_add_id(&question, search->from);
    command_add_all(&question, search->is_backwards ? "-" : "+", "COUNT", NULL);
    command_add_int(&question, (int64_t)page_of(search));
    return ask_reply(ask, &question, ret_page);
}

static int search_stream(const struct ask *ask, struct record_search *search, char **ret_why)
{
    bool is_over = false;
    redisReply *page;

    while (!is_over) {
        int result = ask_page(ask, search, &page);
        if (result < 0)
            return result;
        if (result > 0) {
            *ret_why = memory_text(escaped(reply_complaint(page)).text);
            freeReplyObject(page);
            return 1;
        }
        is_over = is_enough(search, page);
        freeReplyObject(page);
    }
    return 0;
}

int record_search(const struct record_place *place, struct record_search *search, char **ret_why)
{
    return place->ask ? search_stream(place->ask, search, ret_why) : archive_search(place, search);
}
