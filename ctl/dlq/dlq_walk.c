/* SPDX-License-Identifier: MIT */
/* The walk over the dead letters: page by page, and which of them are meant. */
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/dlq/dlq.h"

enum { PAGE = 200 };

static bool is_text(const struct reply_text *text, const char *wanted)
{
    return text->length == strlen(wanted) && memcmp(text->bytes, wanted, text->length) == 0;
}

static bool is_meant(const struct dlq *dlq, const struct dead_letter *letter)
{
    int64_t age_ms = dlq->now_ms - (int64_t)letter->id.ms;

    return (!*dlq->values->reason || is_text(&letter->reason, dlq->values->reason)) &&
           (!*dlq->symbol || strcmp(letter->symbol, dlq->symbol) == 0) &&
           (dlq->older_ms < 0 || age_ms > dlq->older_ms) &&
           (dlq->younger_ms < 0 || age_ms < dlq->younger_ms);
}

struct walk {
    struct dlq *dlq;
    dlq_letter_fn *take;
    void *data;
    struct dead_letter *letter;
};

static int take_page(const struct walk *walk, const redisReply *reply)
{
    struct dlq *dlq = walk->dlq;
    int result = 0;

    for (size_t i = 0; reply_element(reply, i) && result == 0; i++) {
        if (!dead_letter_read(reply->element[i], walk->letter) || !is_meant(dlq, walk->letter))
            continue;
        dlq->has_more = dlq->taken == dlq->values->max;
        if (dlq->has_more)
            return 0;
        dlq->taken++;
        result = walk->take(dlq, walk->letter, walk->data);
    }
    return result;
}

/* The entries from `from` to `to`; the number of them, or negative. */
static int64_t read_page(const struct walk *walk, const char *from, const char *to)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XRANGE", walk->dlq->letters, from, to, "COUNT", NULL);
    command_add_int(&question, PAGE);
    if (ask_for(&walk->dlq->ask, escaped(walk->dlq->letters).text, &question, &reply) < 0)
        return -1;
    int64_t count = take_page(walk, reply) < 0 ? -1 : (int64_t)reply->elements;
    freeReplyObject(reply);
    return count;
}

static int walk_all(const struct walk *walk)
{
    char from[STREAM_ID_TEXT_MAX + 1] = "-", id[STREAM_ID_TEXT_MAX];
    int64_t count;

    do {
        count = read_page(walk, from, "+");
        stream_id_print(walk->letter->id, id);
        (void)snprintf(from, sizeof from, "(%s", id);
    } while (count == PAGE && !walk->dlq->has_more);
    return count < 0 ? -1 : 0;
}

static int walk_named(const struct walk *walk)
{
    const struct names *words = walk->dlq->words;

    for (size_t i = 1; i < words->count; i++) {
        int64_t count = read_page(walk, words->list[i], words->list[i]);
        if (count < 0)
            return -1;
        if (count > 0)
            continue;
        (void)command_fail(walk->dlq->ask.command, "there is no dead letter %s",
                           escaped(words->list[i]).text);
        return -1;
    }
    return 0;
}

int dlq_walk(struct dlq *dlq, dlq_letter_fn *take, void *data)
{
    struct walk walk = {dlq, take, data, memory_new(sizeof *walk.letter)};
    int result = dlq->words->count > 1 ? walk_named(&walk) : walk_all(&walk);

    free(walk.letter);
    return result;
}
