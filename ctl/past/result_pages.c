/* SPDX-License-Identifier: MIT */
#include "ctl/past/result_pages.h"

#include "common/redis/reply.h"

enum { RESULTS_PAGE = 1000 };

struct pages {
    const char *stream;
    char at[STREAM_ID_TEXT_MAX + 1]; /* behind which the next one begins */
    void (*take)(void *owner, const struct entry *entry);
    void *owner;
};

static int read_page(struct pages *pages, const struct ask *ask, size_t *ret_count)
{
    struct command question = {0};
    struct entry entry;
    redisReply *page;

    command_add_all(&question, "XRANGE", pages->stream, pages->at, "+", "COUNT", NULL);
    command_add_int(&question, RESULTS_PAGE);
    if (ask_for(ask, pages->stream, &question, &page) < 0)
        return -1;
    *ret_count = reply_is_array(page, 0) ? page->elements : 0;
    for (size_t i = 0; i < *ret_count; i++)
        if (reply_read_entry(page->element[i], &entry)) {
            pages->take(pages->owner, &entry);
            pages->at[0] = '(';
            stream_id_print(entry.id, pages->at + 1);
        }
    freeReplyObject(page);
    return 0;
}

int result_pages_read(const struct ask *ask, const char *stream, struct stream_id since,
                      void (*take)(void *owner, const struct entry *entry), void *owner)
{
    struct pages pages = {.stream = stream, .take = take, .owner = owner};
    size_t count = RESULTS_PAGE;
    int result = 0;

    stream_id_print(since, pages.at);
    while (result == 0 && count == RESULTS_PAGE)
        result = read_page(&pages, ask, &count);
    return result;
}
