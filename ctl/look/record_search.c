/* SPDX-License-Identifier: MIT */
#include "ctl/look/record_search.h"

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

enum { PAGE = 100 };

static bool is_enough(struct record_search *search, const redisReply *page, uint64_t *bytes)
{
    struct entry entry;

    for (size_t i = 0; i < page->elements; i++) {
        if (!reply_read_entry(page->element[i], &entry))
            continue;
        if (search->looked++ == 0)
            search->first = entry.id;
        search->last = entry.id;
        for (size_t j = 0; j < entry.count && j < ENTRY_FIELDS_MAX; j++)
            *bytes += entry.fields[j].name_length + entry.fields[j].value_length;
        if (entry.count <= ENTRY_FIELDS_MAX && search->take(search->owner, &entry))
            return true;
    }
    search->is_cut = page->elements == PAGE && *bytes > RECORD_SEARCH_BYTES_MAX;
    return page->elements < PAGE || search->is_cut;
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
    command_add_int(&question, PAGE);
    return ask_reply(ask, &question, ret_page);
}

int record_search(const struct ask *ask, struct record_search *search, char **ret_why)
{
    uint64_t bytes = 0;
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
        is_over = is_enough(search, page, &bytes);
        freeReplyObject(page);
    }
    return 0;
}
