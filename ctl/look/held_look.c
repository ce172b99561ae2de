/* SPDX-License-Identifier: MIT */
#include "ctl/look/held_look.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/clock.h"
#include "common/redis/reply.h"
#include "common/redis/seen.h"
#include "ctl/frame/document.h"

enum { COUNT_BYTES_MAX = 64, SHOWN_MAX = 40 };

/* Where things stand in the reply. */
enum { REPLY_TIME = 0, REPLY_OPEN = 2, REPLY_HELD, REPLY_POSITIONS, REPLY_ELEMENTS };

/* --- asking */

struct reading {
    const struct ask *ask;
    const struct held_keys *keys;
    struct script script;
    bool wants_positions;
    bool may_held, may_positions;
};

static void look_command(const struct reading *reading, struct command *ret_command)
{
    const struct held_keys *keys = reading->keys;

    script_command(&reading->script, 1U + reading->may_held + reading->may_positions, ret_command);
    command_add(ret_command, keys->open_orders);
    if (reading->may_held)
        command_add(ret_command, keys->held);
    if (reading->may_positions)
        command_add(ret_command, keys->positions);
    command_add_int(ret_command, COUNT_BYTES_MAX);
    command_add_int(ret_command, HELD_SYMBOLS_MAX);
    command_add_int(ret_command, reading->may_held);
    command_add_int(ret_command, reading->may_positions);
    command_add_int(ret_command, reading->wants_positions);
}

/* Whether this user may read the key; negative: the connection broke. */
static int may_read(const struct ask *ask, const char *key, bool *ret_may)
{
    struct command question = {0};
    redisReply *reply;
    int result;

    command_add_all(&question, "HLEN", key, NULL);
    result = ask_reply(ask, &question, &reply);
    if (result < 0)
        return result;
    *ret_may = !reply_is_error_code(reply, "NOPERM");
    freeReplyObject(reply);
    return 0;
}

/* Redis refuses a script for a single key that its caller may not read: then it is asked without
 * it. The reply is of a shape that can be read, and the caller's to free. */
static int ask_as_may_be(struct reading *reading, redisReply **ret_reply)
{
    struct command question;
    int result;

    look_command(reading, &question);
    result = ask_reply(reading->ask, &question, ret_reply);
    if (result <= 0 || !reply_is_error_code(*ret_reply, "NOPERM"))
        return result < 0 ? result : 0;
    freeReplyObject(*ret_reply);
    if (may_read(reading->ask, reading->keys->held, &reading->may_held) < 0 ||
        may_read(reading->ask, reading->keys->positions, &reading->may_positions) < 0)
        return -1;
    look_command(reading, &question);
    result = ask_reply(reading->ask, &question, ret_reply);
    return result < 0 ? result : 0;
}

/* --- what is open */

static bool take_open(const redisReply *reply, struct open_orders *ret_open)
{
    struct seen seen;

    if (!seen_read(reply, &seen))
        return false;
    *ret_open = (struct open_orders){.kind = OPEN_ORDERS_MISSING};
    if (seen.kind == SEEN_OTHER_TYPE)
        ret_open->kind = OPEN_ORDERS_UNPARSEABLE;
    else if (seen.kind == SEEN_TEXT)
        *ret_open = open_orders_read(seen.text.bytes, seen.text.length);
    return true;
}

/* --- what is held */

static char *shown(const struct reply_text *text, char ret_text[static 4 * SHOWN_MAX + 8])
{
    (void)escape(text->bytes, text->length, SHOWN_MAX, ret_text, 4 * SHOWN_MAX + 8);
    return ret_text;
}

/* Of the first field that cannot be read. */
static char *field_complaint(const struct reply_text *name, const struct reply_text *value,
                             const char *key)
{
    char names[4 * SHOWN_MAX + 8], values[4 * SHOWN_MAX + 8];

    return memory_format("%s: '%s' '%s' is no symbol with BUY or SELL", escaped(key).text,
                         shown(name, names), shown(value, values));
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct held *)a)->symbol, ((const struct held *)b)->symbol);
}

static void take_held(struct held_look *look, const redisReply *pairs, const char *key,
                      struct held_book *book)
{
    struct reply_text name, value;

    look->held = memory_array(pairs->elements / 2 + 1, sizeof *look->held);
    for (size_t i = 0; reply_read_text(reply_element(pairs, i), &name) &&
                       reply_read_text(reply_element(pairs, i + 1), &value);
         i += 2)
        if (!held_book_add(book, name.bytes, name.length, value.bytes, value.length,
                           &look->held[book->symbols]) &&
            !look->why)
            look->why = field_complaint(&name, &value, key);
    look->held_count = book->symbols;
    look->held_sum = book->sum;
    if (look->held_count > 1)
        qsort(look->held, look->held_count, sizeof *look->held, compare);
}

/* What is wrong with the hash as a key. */
static enum holdings_state key_state(const redisReply *state)
{
    struct seen seen;

    if (seen_read(state, &seen) && seen.kind != SEEN_TEXT)
        return seen.kind == SEEN_MISSING ? HOLDINGS_MISSING : HOLDINGS_WRONG_TYPE;
    if (reply_is_text(state, "too many"))
        return HOLDINGS_TOO_MANY;
    if (reply_is_text(state, "too large"))
        return HOLDINGS_TOO_LARGE;
    return reply_is_text(state, "forbidden") ? HOLDINGS_FORBIDDEN : HOLDINGS_KNOWN;
}

static char *type_complaint(const redisReply *state, const char *key)
{
    struct seen seen = {.text = {"", 0}};

    (void)!seen_read(state, &seen);
    return memory_format("%s is a %.*s, not a hash", escaped(key).text, (int)seen.text.length,
                         seen.text.bytes);
}

static char *complaint(const struct held_look *look, const redisReply *hash, const char *key)
{
    int64_t fields = 0;

    switch (look->state) {
    case HOLDINGS_NO_COUNT:
        return memory_text("open orders are not known");
    case HOLDINGS_MISSING:
        return memory_format("%s is missing", escaped(key).text);
    case HOLDINGS_FORBIDDEN:
        return memory_format("this user may not read %s", escaped(key).text);
    case HOLDINGS_WRONG_TYPE:
        return type_complaint(reply_element(hash, 0), key);
    case HOLDINGS_TOO_MANY:
        (void)reply_read_integer(reply_element(hash, 1), &fields);
        return memory_format("%s has %" PRId64 " fields, over %d", escaped(key).text, fields,
                             HELD_SYMBOLS_MAX);
    case HOLDINGS_TOO_LARGE:
        return memory_format("%s is too large for what is held", escaped(key).text);
    case HOLDINGS_OTHER_SUM:
        return memory_format("%" PRId64 " open, %" PRId64 " held", look->open.count,
                             look->held_sum);
    case HOLDINGS_MALFORMED: /* told by its field */
    case HOLDINGS_FLIGHT_TOO_MUCH:
    case HOLDINGS_KNOWN:
        break;
    }
    return NULL;
}

static void judge(struct held_look *look, const redisReply *hash, const char *key)
{
    struct held_book book = {.state = key_state(reply_element(hash, 0))};

    if (book.state == HOLDINGS_KNOWN)
        take_held(look, reply_element(hash, 2), key, &book);
    look->state = held_book_judge(&book, look->open.kind == OPEN_ORDERS_KNOWN, look->open.count);
    if (look->state == HOLDINGS_MALFORMED)
        return;
    free(look->why);
    look->why = complaint(look, hash, key);
}

/* --- the positions */

static void take_positions(struct held_look *look, const redisReply *hash)
{
    const redisReply *pairs = reply_element(hash, 2);
    struct reply_text text;
    struct stream_id id;

    look->positions_known = reply_is_text(reply_element(hash, 0), "hash") ||
                            reply_is_text(reply_element(hash, 0), "missing");
    (void)reply_read_integer(reply_element(hash, 1), &look->position_count);
    look->positions = memory_array(pairs ? pairs->elements / 2 + 1 : 1, sizeof *look->positions);
    for (size_t i = 0; reply_read_text(reply_element(pairs, i + 1), &text); i += 2) {
        char name[STREAM_ID_TEXT_MAX] = "";
        if (reply_read_stream_id(reply_element(pairs, i), &id))
            stream_id_print(id, name);
        look->positions_read +=
            position_read(name, text.bytes, text.length, &look->positions[look->positions_read]);
    }
}

/* --- all of it */

static bool take_all(const redisReply *reply, const struct held_keys *keys,
                     struct held_look *ret_look)
{
    struct held_look look = {0};

    if (!reply_is_array(reply, REPLY_ELEMENTS) ||
        !redis_clock_read(reply, REPLY_TIME, &look.now_ms) ||
        !take_open(reply_element(reply, REPLY_OPEN), &look.open) ||
        !reply_is_array(reply_element(reply, REPLY_HELD), 2) ||
        !reply_is_array(reply_element(reply, REPLY_POSITIONS), 2))
        return false;
    judge(&look, reply_element(reply, REPLY_HELD), keys->held);
    take_positions(&look, reply_element(reply, REPLY_POSITIONS));
    *ret_look = look;
    return true;
}

int held_look_read(const struct ask *ask, const struct held_keys *keys, bool wants_positions,
                   struct held_look *ret_look)
{
    struct reading reading = {.ask = ask,
                              .keys = keys,
                              .script = {.source = held_look_lua},
                              .wants_positions = wants_positions,
                              .may_held = true,
                              .may_positions = true};
    redisReply *reply;

    if (ask_load(ask, &reading.script) < 0 || ask_as_may_be(&reading, &reply) < 0)
        return -1;
    bool is_read = take_all(reply, keys, ret_look);
    if (!is_read)
        (void)command_fail(ask->command, "what is held cannot be read: %s", reply_complaint(reply));
    freeReplyObject(reply);
    return is_read ? 0 : -1;
}

void held_look_release(struct held_look *look)
{
    free(look->held);
    free(look->why);
    free(look->positions);
    *look = (struct held_look){0};
}

char *held_look_verdict(const struct held_look *look)
{
    if (look->state == HOLDINGS_KNOWN)
        return memory_format("agrees: %" PRId64 " open, %" PRId64 " held", look->open.count,
                             look->held_sum);
    return memory_format("%s: %s", look->state == HOLDINGS_OTHER_SUM ? "disagrees" : "not known",
                         look->why);
}

static json_t *agrees_json(enum holdings_state state)
{
    bool is_told = state == HOLDINGS_KNOWN || state == HOLDINGS_OTHER_SUM;

    return is_told ? json_boolean(state == HOLDINGS_KNOWN) : json_null();
}

json_t *held_json(const struct held_look *look, const char *key)
{
    return json_pack("{s:s, s:I, s:o, s:o}", "key", escaped(key).text, "count",
                     (json_int_t)look->held_sum, "agrees", agrees_json(look->state), "why",
                     look->why ? json_string(look->why) : json_null());
}

json_t *held_positions_json(const struct held_look *look, const char *key)
{
    return json_pack("{s:s, s:o}", "key", escaped(key).text, "count",
                     document_known(look->positions_known ? look->position_count : -1));
}
