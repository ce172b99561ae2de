/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_cycles.h"

#include <stdio.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "router/decide/record.h"

enum { WORD_MAX = 200, WHY_MAX = 200, SYMBOLS_MAX = 8 };

/* --- one record */

struct words {
    const char *at, *end;
};

static struct words words_of(const struct entry *entry, enum record_field which)
{
    const struct entry_field *field = entry_find(entry, record_field_name(which));

    return field ? (struct words){field->value, field->value + field->value_length}
                 : (struct words){"", ""};
}

/* The next one, up to a byte that ends it, which is passed over. */
static struct words take(struct words *rest, char separator)
{
    struct words word = *rest;
    const char *end = memchr(rest->at, separator, (size_t)(rest->end - rest->at));

    word.end = end ? end : rest->end;
    rest->at = end ? end + 1 : rest->end;
    return word;
}

static json_t *text_of(struct words word)
{
    size_t length = (size_t)(word.end - word.at);

    return document_text(word.at, length < WORD_MAX ? length : WORD_MAX);
}

static json_t *number_of(struct words word)
{
    double value;

    return number_read(word.at, (size_t)(word.end - word.at), &value) ? json_real(value)
                                                                      : json_null();
}

/* A whole number, or the word that stands in its place. */
static json_t *count_of(struct words word)
{
    int64_t value;

    if (number_read_integer(word.at, (size_t)(word.end - word.at), &value))
        return json_integer(value);
    return text_of(word);
}

/* "name=value name=value" as an object. */
static json_t *pairs_of(struct words rest)
{
    json_t *pairs = json_object();

    while (rest.at < rest.end) {
        struct words value = take(&rest, ' '), name = take(&value, '=');
        char text[64];
        (void)snprintf(text, sizeof text, "%.*s", (int)(name.end - name.at), name.at);
        (void)json_object_set_new(pairs, text, count_of(value));
    }
    return pairs;
}

/* In the order in which a row has them; NULL: it is not shown. */
static json_t *row_of(struct words rest)
{
    static const struct {
        const char *name;
        json_t *(*read)(struct words word);
    } columns[] = {
        {"signal_id", text_of}, {"symbol", text_of}, {"side", text_of}, {"confidence", number_of},
        {"score", number_of},   {NULL, NULL},        {NULL, NULL},      {NULL, NULL},
        {"fate", text_of},      {"rank", count_of},
    };
    json_t *row = json_object();

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct words word = take(&rest, ' ');
        if (columns[i].name)
            document_put(row, columns[i].name, columns[i].read(word));
    }
    return row;
}

static bool is_published(json_t *row)
{
    const char *fate = json_string_value(json_object_get(row, "fate"));

    return fate && strcmp(fate, fate_name(FATE_PUBLISHED)) == 0;
}

/* The best, and the first of those that were published. */
static void put_rows(json_t *cycle, struct words rows)
{
    json_t *published = json_array(), *best = json_null();

    for (size_t i = 0; rows.at < rows.end && json_array_size(published) < SYMBOLS_MAX; i++) {
        json_t *row = row_of(take(&rows, '\n'));
        if (i == 0)
            best = json_incref(row);
        if (is_published(row))
            (void)json_array_append(published, row);
        json_decref(row);
    }
    document_put(cycle, "best", best);
    document_put(cycle, "published", published);
}

static json_t *cycle_of(const struct entry *entry, struct web_with *with, struct records *source)
{
    json_t *cycle = json_object();

    document_put(cycle, "record", document_id(entry->id));
    document_put(cycle, "cycle_id", text_of(words_of(entry, RECORD_CYCLE_ID)));
    document_put(cycle, "at_ms", count_of(words_of(entry, RECORD_AT)));
    document_put(cycle, "world", pairs_of(words_of(entry, RECORD_WORLD)));
    document_put(cycle, "tally", pairs_of(words_of(entry, RECORD_TALLY)));
    put_rows(cycle, words_of(entry, RECORD_ROWS));
    document_put(cycle, "with", web_with_json(with, source, entry));
    return cycle;
}

/* --- the stream */

static bool has_begun(const struct web_cycles *cycles)
{
    return json_array_size(cycles->list) > 0;
}

/* The newest first, or those behind the last one that was read, with that one in front: so that it
 * shows when it is no longer there. */
static int ask_records(const struct web_cycles *cycles, const struct ask *ask, const char *stream,
                       redisReply **ret_reply)
{
    struct command question = {0};

    if (has_begun(cycles)) {
        command_add_all(&question, "XRANGE", stream, NULL);
        command_add_id(&question, cycles->last);
        command_add_all(&question, "+", "COUNT", NULL);
        command_add_int(&question, WEB_CYCLES_MAX + 1);
    } else {
        command_add_all(&question, "XREVRANGE", stream, "+", "-", "COUNT", NULL);
        command_add_int(&question, WEB_CYCLES_MAX);
    }
    return ask_reply(ask, &question, ret_reply);
}

static void begin(struct web_cycles *cycles)
{
    json_decref(cycles->list);
    cycles->list = json_array();
    cycles->last = (struct stream_id){0};
}

static void take_record(struct web_cycles *cycles, struct records *source, const redisReply *reply)
{
    struct entry entry;

    if (!reply_read_entry(reply, &entry))
        return;
    (void)json_array_insert_new(cycles->list, 0, cycle_of(&entry, cycles->with, source));
    if (json_array_size(cycles->list) > WEB_CYCLES_MAX)
        (void)json_array_remove(cycles->list, WEB_CYCLES_MAX);
    cycles->last = entry.id;
}

static void take_newest(struct web_cycles *cycles, struct records *source, const redisReply *reply)
{
    begin(cycles);
    for (size_t i = reply->elements; i > 0; i--)
        take_record(cycles, source, reply->element[i - 1]);
}

/* False: the last one that was read is no longer there, and neither are those before it. */
static bool take_newer(struct web_cycles *cycles, struct records *source, const redisReply *reply)
{
    struct stream_id first;

    if (reply->elements == 0 ||
        !reply_read_stream_id(reply_element(reply->element[0], 0), &first) ||
        stream_id_compare(first, cycles->last) != 0)
        return false;
    for (size_t i = 1; i < reply->elements; i++)
        take_record(cycles, source, reply->element[i]);
    return true;
}

/* False: it begins again. */
static bool take_reply(struct web_cycles *cycles, struct records *source, int result,
                       const redisReply *reply)
{
    cycles->why[0] = '\0';
    if (result > 0 || !reply_is_array(reply, 0)) {
        begin(cycles);
        (void)escape(reply_complaint(reply), strlen(reply_complaint(reply)), WHY_MAX, cycles->why,
                     sizeof cycles->why);
    } else if (!has_begun(cycles)) {
        take_newest(cycles, source, reply);
    } else {
        return take_newer(cycles, source, reply);
    }
    return true;
}

/* 1: what was read last is gone, and it begins again. */
static int look_once(struct web_cycles *cycles, const struct ask *ask, const char *stream,
                     struct records *source)
{
    redisReply *reply;
    int result = ask_records(cycles, ask, stream, &reply);

    if (result < 0)
        return -1;
    bool is_whole = take_reply(cycles, source, result, reply);
    freeReplyObject(reply);
    if (!is_whole)
        begin(cycles);
    return is_whole ? 0 : 1;
}

int web_cycles_look(struct web_cycles *cycles, const struct ask *ask,
                    const struct record_keys *keys)
{
    const struct record_range all = record_range_all();
    struct records *settings = record_stream_open(ask, NULL, keys, &all);
    int result;

    do
        result = look_once(cycles, ask, keys->decisions, settings);
    while (result > 0);
    settings->close(settings);
    return result;
}

json_t *web_cycles_json(const struct web_cycles *cycles)
{
    const char *file = cycles->with->file;

    return json_pack("{s:O, s:o, s:o}", "list", cycles->list, "why",
                     *cycles->why ? json_string(cycles->why) : json_null(), "with",
                     *file ? json_string(escaped(file).text) : json_null());
}

void web_cycles_release(struct web_cycles *cycles)
{
    json_decref(cycles->list);
    *cycles = (struct web_cycles){.with = cycles->with};
}
