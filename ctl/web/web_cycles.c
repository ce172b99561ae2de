/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_cycles.h"

#include <string.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "ctl/past/record_json.h"
#include "router/decide/record.h"

enum { WHY_MAX = 200, SYMBOLS_MAX = 8 };

/* --- one record */

static struct recorded_text text_of(const struct entry *entry, enum record_field which)
{
    const struct entry_field *field = entry_find(entry, record_field_name(which));

    return field ? (struct recorded_text){field->value, field->value_length}
                 : (struct recorded_text){"", 0};
}

static json_t *number_json(struct recorded_text text)
{
    double value;

    return number_read(text.bytes, text.length, &value) ? json_real(value) : json_null();
}

/* In the order in which a row has them; NULL: it is not shown. */
static json_t *row_json(struct recorded_text row)
{
    static const struct {
        const char *name;
        json_t *(*made)(struct recorded_text text);
    } columns[] = {
        {"signal_id", record_text_json},
        {"symbol", record_text_json},
        {"side", record_text_json},
        {"confidence", number_json},
        {"score", number_json},
        {NULL, NULL},
        {NULL, NULL},
        {NULL, NULL},
        {"fate", record_text_json},
        {"rank", record_count_json},
    };
    json_t *object = json_object();
    size_t at = 0;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct recorded_text word = {"", 0};
        (void)recorded_next(row, ' ', &at, &word);
        if (columns[i].name)
            document_put(object, columns[i].name, columns[i].made(word));
    }
    return object;
}

static bool is_published(json_t *row)
{
    const char *fate = json_string_value(json_object_get(row, "fate"));

    return fate && strcmp(fate, fate_name(FATE_PUBLISHED)) == 0;
}

/* The best, and the first of those that were published. */
static void put_rows(json_t *cycle, struct recorded_text rows)
{
    json_t *published = json_array(), *best = json_null();
    struct recorded_text line;
    size_t at = 0;

    while (json_array_size(published) < SYMBOLS_MAX && recorded_next(rows, '\n', &at, &line)) {
        json_t *row = row_json(line);
        if (json_is_null(best))
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
    document_put(cycle, "cycle_id", record_text_json(text_of(entry, RECORD_CYCLE_ID)));
    document_put(cycle, "at_ms", record_count_json(text_of(entry, RECORD_AT)));
    document_put(cycle, "world", record_words_json(text_of(entry, RECORD_WORLD)));
    document_put(cycle, "tally", record_words_json(text_of(entry, RECORD_TALLY)));
    put_rows(cycle, text_of(entry, RECORD_ROWS));
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
