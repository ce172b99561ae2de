/* SPDX-License-Identifier: MIT */
#include "ctl/drain_copy.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/trade/decision_id.h"
#include "common/trade/fields.h"

enum { CHANGES_MAX = 3 };

/* Digits that show every decimal number as it was typed. */
static const size_t write_flags = JSON_COMPACT | JSON_REAL_PRECISION(15);

/* Fields of the copy that the entry does not have, or has otherwise. */
struct changes {
    struct entry_field list[CHANGES_MAX];
    size_t count;
};

static void change(struct changes *changes, const char *name, const char *value)
{
    assert(changes->count < CHANGES_MAX);
    changes->list[changes->count++] =
        (struct entry_field){name, strlen(name), value, strlen(value)};
}

static const struct entry_field *find_change(const struct changes *changes,
                                             const struct entry_field *field)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->list[i].name_length == field->name_length &&
            memcmp(changes->list[i].name, field->name, field->name_length) == 0)
            return &changes->list[i];
    return NULL;
}

static bool says_anything(const struct fields *fields, const char *name)
{
    char id[DECISION_ID_MAX + 1];

    return decision_id_take(fields_get(fields, name), id) ||
           decision_id_take(fields_beside(fields, name), id);
}

/* By the fields that an executor goes by. */
static bool has_decision(const struct entry *entry)
{
    static const char *const names[] = {"decision_id", "correlation_id", "trace_id", "signal_id"};
    struct fields fields;
    bool found = false;

    if (!fields_open_plain(entry, &fields) && fields_parse(entry, &fields) != RULE_NONE)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = says_anything(&fields, names[i]);
    fields_close(&fields);
    return found;
}

/* The document with this timestamp; the caller frees it. */
static char *dated(const struct entry_field *document, const char *timestamp)
{
    json_error_t error;
    json_t *object = json_loadb(document->value, document->value_length, 0, &error);

    assert(object && "it was read before");
    (void)json_object_set_new(object, "timestamp", json_string(timestamp));
    char *text = json_dumps(object, write_flags);
    json_decref(object);
    assert(text);
    return text;
}

static void add_fields(struct command *command, const struct entry *entry,
                       const struct changes *changes)
{
    size_t kept = 0;

    for (size_t i = 0; i < entry->count; i++)
        kept += !find_change(changes, &entry->fields[i]);
    command_add_int(command, (int64_t)(2 * (kept + changes->count)));
    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        if (find_change(changes, field))
            continue;
        command_add_bytes(command, field->name, field->name_length);
        command_add_bytes(command, field->value, field->value_length);
    }
    for (size_t i = 0; i < changes->count; i++) {
        command_add(command, changes->list[i].name);
        command_add(command, changes->list[i].value);
    }
}

void drain_copy_add(struct command *command, const struct entry *entry,
                    const struct drain_event *event)
{
    const struct entry_field *document = fields_document(entry);
    char id[STREAM_ID_TEXT_MAX], timestamp[CALENDAR_ISO_MAX];
    struct changes changes = {0};
    char *text = NULL;

    stream_id_print(event->id, id);
    change(&changes, "replay_of", id);
    if (!has_decision(entry))
        change(&changes, "trace_id", id);
    if (!event->is_dated) {
        calendar_iso(event->timestamp_ms, timestamp);
        text = document ? dated(document, timestamp) : NULL;
        if (!document)
            change(&changes, "timestamp", timestamp);
        else
            change(&changes, document->name_length == 7 ? "payload" : "data", text);
    }
    add_fields(command, entry, &changes);
    free(text);
}
