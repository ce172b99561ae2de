/* SPDX-License-Identifier: MIT */
#include "ctl/dlq/dead_letter.h"

#include <string.h>

#include "common/trade/fields.h"
#include "common/trade/terms.h"

static const char renamed[] = "original_";

static bool is_named(const struct reply_text *name, const char *wanted)
{
    return name->length == strlen(wanted) && memcmp(name->bytes, wanted, name->length) == 0;
}

/* What executor/letter.lua adds. */
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

static void read_symbol(struct dead_letter *letter)
{
    struct fields fields;

    if (fields_open(&letter->intent, &fields) != RULE_NONE)
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
