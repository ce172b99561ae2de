/* SPDX-License-Identifier: MIT */
#include "common/trade/decision_id.h"

#include <assert.h>
#include <string.h>

#include "common/base/sha256.h"

static_assert(SHA256_TEXT_MAX <= DECISION_ID_MAX + 1, "a hash must fit where an id fits");
static_assert(STREAM_ID_TEXT_MAX <= DECISION_ID_MAX + 1, "an entry's id must fit");

const char *const decision_id_names[DECISION_ID_NAMES] = {"correlation_id", "trace_id"};

static bool says_something(const struct value *id)
{
    return id->kind == VALUE_TEXT && !value_is_nothing(id) && !value_is_word(id, "0");
}

static bool fits_a_key(const struct value *id)
{
    if (id->length > DECISION_ID_MAX)
        return false;
    for (size_t i = 0; i < id->length; i++)
        if (id->bytes[i] < 0x20 || id->bytes[i] > 0x7e)
            return false;
    return true;
}

bool decision_id_take(struct value id, char ret_id[static DECISION_ID_MAX + 1])
{
    char number[NUMBER_TEXT_MAX];

    if (id.kind == VALUE_NUMBER) {
        value_print(&id, number); /* 12 and "12" are the same decision */
        id = (struct value){.kind = VALUE_TEXT, .bytes = number, .length = strlen(number)};
    }
    struct value trimmed = value_trim(id);

    if (!says_something(&trimmed))
        return false;
    if (!fits_a_key(&trimmed)) {
        sha256_text(trimmed.bytes, trimmed.length, ret_id);
        return true;
    }
    memcpy(ret_id, trimmed.bytes, trimmed.length);
    ret_id[trimmed.length] = '\0';
    return true;
}

bool decision_id_beside(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1])
{
    for (size_t i = 0; i < DECISION_ID_NAMES; i++)
        if (decision_id_take(fields_beside(fields, decision_id_names[i]), ret_id))
            return true;
    return false;
}

bool decision_id_inside(const struct fields *fields, const char *name,
                        char ret_id[static DECISION_ID_MAX + 1])
{
    return decision_id_take(fields_get(fields, name), ret_id);
}

bool decision_id_said(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1])
{
    bool is_said = decision_id_beside(fields, ret_id);

    for (size_t i = 0; i < DECISION_ID_NAMES && !is_said; i++)
        is_said = decision_id_inside(fields, decision_id_names[i], ret_id);
    return is_said;
}

void decision_id_of(const struct fields *fields, char ret_id[static DECISION_ID_MAX + 1])
{
    if (!decision_id_said(fields, ret_id))
        stream_id_print(fields->entry->id, ret_id);
}
