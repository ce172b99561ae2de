/* SPDX-License-Identifier: MIT */
/* Dead letters: what one is, the walk over them page by page, and which of them are meant. */
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/trade/fields.h"
#include "common/trade/terms.h"
#include "ctl/dlq/dlq.h"

enum { PAGE = 200 };

static const char renamed[] = "original_";

static bool equals(const struct reply_text *text, const char *wanted)
{
    return text->length == strlen(wanted) && memcmp(text->bytes, wanted, text->length) == 0;
}

/* What executor/act/dead_letter.lua adds. */
static bool is_ours(const struct reply_text *name)
{
    return equals(name, "intent_id") || equals(name, "reason") || equals(name, "count") ||
           equals(name, "last_error");
}

/* The script renamed the intent's fields that have a name of ours. */
static struct reply_text own_name(struct reply_text name)
{
    size_t length = sizeof renamed - 1;
    struct reply_text rest = {name.bytes + length, name.length - length};

    if (name.length > length && memcmp(name.bytes, renamed, length) == 0 && is_ours(&rest))
        return rest;
    return name;
}

static void take_own(struct entry *intent, struct reply_text name, struct reply_text value)
{
    name = own_name(name);
    if (intent->count < ENTRY_FIELDS_MAX)
        intent->fields[intent->count++] =
            (struct entry_field){name.bytes, name.length, value.bytes, value.length};
}

static void take_fields(struct dead_letter *dead_letter, const redisReply *fields)
{
    struct reply_text name, value;

    for (size_t i = 0; reply_read_text(reply_element(fields, i), &name) &&
                       reply_read_text(reply_element(fields, i + 1), &value);
         i += 2) {
        if (equals(&name, "intent_id"))
            (void)stream_id_read(value.bytes, value.length, &dead_letter->intent_id);
        else if (equals(&name, "reason"))
            dead_letter->reason = value;
        else if (equals(&name, "count"))
            dead_letter->count = value;
        else if (equals(&name, "last_error"))
            dead_letter->last_error = value;
        else
            take_own(&dead_letter->intent, name, value);
    }
}

static void read_symbol(struct dead_letter *dead_letter)
{
    struct fields fields;

    if (fields_open(&dead_letter->intent, &fields) != RULE_NONE)
        return;
    if (!terms_read_symbol(&fields, dead_letter->symbol))
        dead_letter->symbol[0] = '\0';
    fields_close(&fields);
}

/* False: the reply is no entry. */
static bool read_dead_letter(const redisReply *reply, struct dead_letter *ret_dead_letter)
{
    static const struct reply_text nothing = {"", 0};

    *ret_dead_letter =
        (struct dead_letter){.reason = nothing, .count = nothing, .last_error = nothing};
    if (!reply_read_stream_id(reply_element(reply, 0), &ret_dead_letter->id) ||
        !reply_is_array(reply_element(reply, 1), 2))
        return false;
    take_fields(ret_dead_letter, reply_element(reply, 1));
    if (ret_dead_letter->intent_id.ms == 0)
        ret_dead_letter->intent_id = ret_dead_letter->id;
    ret_dead_letter->intent.id = ret_dead_letter->intent_id;
    read_symbol(ret_dead_letter);
    return true;
}

static bool is_meant(const struct dlq *dlq, const struct dead_letter *dead_letter)
{
    int64_t age_ms = dlq->now_ms - (int64_t)dead_letter->id.ms;

    return (!*dlq->values->reason || equals(&dead_letter->reason, dlq->values->reason)) &&
           (!*dlq->symbol || strcmp(dead_letter->symbol, dlq->symbol) == 0) &&
           (dlq->older_ms < 0 || age_ms > dlq->older_ms) &&
           (dlq->younger_ms < 0 || age_ms < dlq->younger_ms);
}

struct walk {
    struct dlq *dlq;
    dlq_take_fn *take;
    void *data;
    struct dead_letter *dead_letter;
};

static int take_page(const struct walk *walk, const redisReply *reply)
{
    struct dlq *dlq = walk->dlq;
    int result = 0;

    for (size_t i = 0; reply_element(reply, i) && result == 0; i++) {
        if (!read_dead_letter(reply->element[i], walk->dead_letter) ||
            !is_meant(dlq, walk->dead_letter))
            continue;
        dlq->has_more = dlq->taken == dlq->values->max;
        if (dlq->has_more)
            return 0;
        dlq->taken++;
        result = walk->take(dlq, walk->dead_letter, walk->data);
    }
    return result;
}

/* Takes the entries from `from` to `to`. Returns their number, or negative. */
static int64_t read_page(const struct walk *walk, const char *from, const char *to)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XRANGE", walk->dlq->dead_letters, from, to, "COUNT", NULL);
    command_add_int(&question, PAGE);
    if (ask_for(&walk->dlq->ask, escaped(walk->dlq->dead_letters).text, &question, &reply) < 0)
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
        stream_id_print(walk->dead_letter->id, id);
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

int dlq_walk(struct dlq *dlq, dlq_take_fn *take, void *data)
{
    struct walk walk = {dlq, take, data, memory_new(sizeof *walk.dead_letter)};
    int result = dlq->words->count > 1 ? walk_named(&walk) : walk_all(&walk);

    free(walk.dead_letter);
    return result;
}
