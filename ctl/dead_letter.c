/* SPDX-License-Identifier: MIT */
#include "ctl/dead_letter.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/trade/decision_id.h"
#include "common/trade/fields.h"
#include "common/trade/terms.h"

static const char renamed[] = "original_";

static bool is_named(const struct reply_text *name, const char *wanted)
{
    return name->length == strlen(wanted) && memcmp(name->bytes, wanted, name->length) == 0;
}

/* What the executor adds. */
static bool is_ours(const struct reply_text *name)
{
    return is_named(name, "intent_id") || is_named(name, "reason") || is_named(name, "count") ||
           is_named(name, "last_error");
}

/* A field of the intent that is called as one of ours was renamed. */
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

static void take_fields(struct dead_letter *letter, const redisReply *fields)
{
    struct reply_text name, value;

    for (size_t i = 0; reply_read_text(reply_element(fields, i), &name) &&
                       reply_read_text(reply_element(fields, i + 1), &value);
         i += 2) {
        if (is_named(&name, "intent_id"))
            (void)stream_id_read(value.bytes, value.length, &letter->intent_id);
        else if (is_named(&name, "reason"))
            letter->reason = value;
        else if (is_named(&name, "count"))
            letter->count = value;
        else if (is_named(&name, "last_error"))
            letter->last_error = value;
        else
            take_own(&letter->intent, name, value);
    }
}

static bool open_fields(const struct entry *entry, struct fields *fields)
{
    return fields_check(entry) == RULE_NONE &&
           (fields_open_plain(entry, fields) || fields_parse(entry, fields) == RULE_NONE);
}

static void read_symbol(struct dead_letter *letter)
{
    struct fields fields;

    if (!open_fields(&letter->intent, &fields))
        return;
    if (!terms_read_symbol(&fields, letter->symbol))
        letter->symbol[0] = '\0';
    fields_close(&fields);
}

bool dead_letter_read(const redisReply *reply, struct dead_letter *ret_letter)
{
    static const struct reply_text nothing = {"", 0};

    *ret_letter = (struct dead_letter){.reason = nothing, .count = nothing, .last_error = nothing};
    if (!reply_read_stream_id(reply_element(reply, 0), &ret_letter->id) ||
        !reply_is_array(reply_element(reply, 1), 2))
        return false;
    take_fields(ret_letter, reply_element(reply, 1));
    if (ret_letter->intent_id.ms == 0)
        ret_letter->intent_id = ret_letter->id;
    ret_letter->intent.id = ret_letter->intent_id;
    read_symbol(ret_letter);
    return true;
}

/* --- the copy */

/* What only the id told. What cannot be read at all needs nothing: it comes back as it is. */
struct missing {
    bool time;
    bool decision;
};

static bool says_anything(const struct fields *fields, const char *name)
{
    char id[DECISION_ID_MAX + 1];

    return decision_id_take(fields_get(fields, name), id) ||
           decision_id_take(fields_beside(fields, name), id);
}

static struct missing find_missing(const struct entry *entry)
{
    struct fields fields;
    struct missing missing = {false, false};

    if (!open_fields(entry, &fields))
        return missing;
    enum value_kind kind = fields_get(&fields, "timestamp").kind;
    missing.time = kind == VALUE_ABSENT || kind == VALUE_NULL;
    missing.decision = !says_anything(&fields, "decision_id") &&
                       !says_anything(&fields, "correlation_id") &&
                       !says_anything(&fields, "trace_id") && !says_anything(&fields, "signal_id");
    fields_close(&fields);
    return missing;
}

static void add_dated(const struct entry_field *document, const char *timestamp,
                      struct command *command)
{
    json_t *object = json_loadb(document->value, document->value_length, 0, NULL);

    (void)json_object_set_new(object, "timestamp", json_string(timestamp));
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (text)
        command_add(command, text);
    else
        command_add_bytes(command, document->value, document->value_length);
    free(text);
    json_decref(object);
}

/* Those that are written anew are not written twice. */
static bool is_replaced(const struct entry_field *field, const struct missing *missing,
                        bool is_flat)
{
    const struct reply_text name = {field->name, field->name_length};

    return is_named(&name, "replay_of") || is_named(&name, "original_timestamp") ||
           (missing->decision && is_named(&name, "trace_id")) ||
           (missing->time && is_flat && is_named(&name, "timestamp"));
}

void dead_letter_add_copy(const struct dead_letter *letter, struct command *command)
{
    const struct entry *intent = &letter->intent;
    const struct entry_field *document = fields_document(intent);
    const struct missing missing = find_missing(intent);
    char id[STREAM_ID_TEXT_MAX], timestamp[CALENDAR_ISO_MAX];

    stream_id_print(letter->intent_id, id);
    calendar_iso((int64_t)(letter->intent_id.ms & INT64_MAX), timestamp);
    for (size_t i = 0; i < intent->count; i++) {
        const struct entry_field *field = &intent->fields[i];
        if (is_replaced(field, &missing, !document))
            continue;
        command_add_bytes(command, field->name, field->name_length);
        if (field == document && missing.time)
            add_dated(document, timestamp, command);
        else
            command_add_bytes(command, field->value, field->value_length);
    }
    if (missing.time && !document)
        command_add_all(command, "timestamp", timestamp, NULL);
    if (missing.decision)
        command_add_all(command, "trace_id", id, NULL);
    command_add_all(command, "replay_of", id, "original_timestamp", timestamp, NULL);
}
