/* SPDX-License-Identifier: MIT */
#include "ctl/write/replay.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/trade/decision_id.h"
#include "common/trade/fields.h"
#include "common/trade/terms.h"
#include "ctl/frame/document.h"

/* Digits that show every decimal number as it was typed. */
static const size_t write_flags = JSON_COMPACT | JSON_REAL_PRECISION(15);

static bool is_same_name(const struct entry_field *one, const struct entry_field *other)
{
    return one->name_length == other->name_length &&
           memcmp(one->name, other->name, one->name_length) == 0;
}

static bool is_changed(const struct replay *replay, const struct entry_field *field)
{
    for (size_t i = 0; i < replay->change_count; i++)
        if (is_same_name(&replay->changes[i], field))
            return true;
    return false;
}

void replay_set(struct replay *replay, const char *name, const char *value)
{
    assert(replay->change_count < REPLAY_CHANGES_MAX);
    replay->changes[replay->change_count++] =
        (struct entry_field){name, strlen(name), value, strlen(value)};
}

/* By the fields that an executor goes by. */
static bool has_decision(const struct fields *fields)
{
    static const char *const names[] = {"decision_id", "correlation_id", "trace_id", "signal_id"};
    char id[DECISION_ID_MAX + 1];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (decision_id_take(fields_get(fields, names[i]), id) ||
            decision_id_take(fields_beside(fields, names[i]), id))
            return true;
    return false;
}

static bool has_time(const struct fields *fields, enum unreadable_time unreadable)
{
    enum value_kind kind = fields_get(fields, "timestamp").kind;
    int64_t ms;

    if (unreadable == UNREADABLE_STAYS)
        return kind != VALUE_ABSENT && kind != VALUE_NULL;
    return terms_read_moment(fields, &ms);
}

/* The document was read before; one that cannot be written stays what it is. */
static void date(struct replay *replay)
{
    const struct entry_field *document = fields_document(replay->entry);

    if (!document) {
        replay_set(replay, "timestamp", replay->born);
        return;
    }
    json_t *object = json_loadb(document->value, document->value_length, 0, NULL);
    document_put(object, "timestamp", json_string(replay->born));
    replay->dated = json_dumps(object, write_flags);
    json_decref(object);
    if (replay->dated)
        replay->changes[replay->change_count++] = (struct entry_field){
            document->name, document->name_length, replay->dated, strlen(replay->dated)};
}

void replay_init(struct replay *replay, const struct entry *entry, enum unreadable_time unreadable)
{
    struct fields fields;

    *replay = (struct replay){.entry = entry};
    stream_id_print(entry->id, replay->id);
    calendar_iso(terms_born_ms(entry), replay->born);
    replay_set(replay, "replay_of", replay->id);
    if (fields_open(entry, &fields) != RULE_NONE)
        return;
    if (!has_decision(&fields))
        replay_set(replay, "trace_id", replay->id);
    if (!has_time(&fields, unreadable))
        date(replay);
    fields_close(&fields);
}

void replay_deinit(struct replay *replay)
{
    free(replay->dated);
}

static size_t kept_count(const struct entry *entry)
{
    return entry->count < ENTRY_FIELDS_MAX ? entry->count : ENTRY_FIELDS_MAX;
}

size_t replay_argument_count(const struct replay *replay)
{
    size_t count = replay->change_count;

    for (size_t i = 0; i < kept_count(replay->entry); i++)
        count += !is_changed(replay, &replay->entry->fields[i]);
    return 2 * count;
}

static void add_field(struct command *command, const struct entry_field *field)
{
    command_add_bytes(command, field->name, field->name_length);
    command_add_bytes(command, field->value, field->value_length);
}

void replay_add(const struct replay *replay, struct command *command)
{
    const struct entry *entry = replay->entry;

    for (size_t i = 0; i < kept_count(entry); i++)
        if (!is_changed(replay, &entry->fields[i]))
            add_field(command, &entry->fields[i]);
    for (size_t i = 0; i < replay->change_count; i++)
        add_field(command, &replay->changes[i]);
}
