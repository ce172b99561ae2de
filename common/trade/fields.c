/* SPDX-License-Identifier: MIT */
#include "common/trade/fields.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/trade/number_words.h"

/* As common/trade/README.md promises them. The document is capped before it is parsed, because
 * parsed JSON can take 77 times its size. */
enum {
    NAME_MAX_BYTES = 64,
    VALUE_MAX_BYTES = 4 * 1024,
    DOCUMENT_MAX_BYTES = 64 * 1024,
};

enum { FIELDS_FLAGS = JSON_REJECT_DUPLICATES };

const struct entry_field *fields_document(const struct entry *entry)
{
    const struct entry_field *payload = entry_find(entry, "payload");

    return payload ? payload : entry_find(entry, "data");
}

static bool is_document_name(const struct entry_field *field)
{
    return (field->name_length == 7 && memcmp(field->name, "payload", 7) == 0) ||
           (field->name_length == 4 && memcmp(field->name, "data", 4) == 0);
}

static bool same_name(const struct entry_field *a, const struct entry_field *b)
{
    return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

/* The parser's own limit is 2048 levels, each a stack frame; ours is checked on the bare text. In a
 * text that is not JSON the answer means nothing, and does not matter. */
static bool too_deep(const char *text, size_t length)
{
    unsigned depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > FIELDS_DEPTH_MAX)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

enum rule fields_check(const struct entry *entry)
{
    if (entry->count > ENTRY_FIELDS_MAX)
        return RULE_TOO_MANY_FIELDS;
    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        size_t most = is_document_name(field) ? DOCUMENT_MAX_BYTES : VALUE_MAX_BYTES;
        if (field->name_length > NAME_MAX_BYTES)
            return RULE_NAME_TOO_LONG;
        if (field->value_length > most)
            return RULE_VALUE_TOO_LONG;
        for (size_t j = 0; j < i; j++)
            if (same_name(field, &entry->fields[j]))
                return RULE_DUPLICATE_FIELD;
    }
    return RULE_NONE;
}

bool fields_open_plain(const struct entry *entry, struct fields *ret_fields)
{
    const struct entry_field *document = fields_document(entry);

    /* Member by member: to clear room for so many plain ones would cost more than to read them. */
    ret_fields->entry = entry;
    ret_fields->object = NULL;
    ret_fields->form = document ? FIELDS_PLAIN : FIELDS_FLAT;
    return !document || plain_read(document->value, document->value_length, &ret_fields->plain);
}

static enum rule parse_document(const struct entry_field *document, json_t **ret_object)
{
    json_error_t error;

    json_t *parsed =
        number_words_load(document->value, document->value_length, FIELDS_FLAGS, &error);
    if (!parsed)
        return json_error_code(&error) == json_error_duplicate_key ? RULE_DUPLICATE_KEY
                                                                   : RULE_NOT_JSON;
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return RULE_NOT_AN_OBJECT;
    }
    *ret_object = parsed;
    return RULE_NONE;
}

enum rule fields_parse(const struct entry *entry, struct fields *ret_fields)
{
    const struct entry_field *document = fields_document(entry);
    json_t *object;

    assert(document && "what is flat is not parsed");
    if (too_deep(document->value, document->value_length))
        return RULE_TOO_DEEP;
    enum rule rule = parse_document(document, &object);
    if (rule != RULE_NONE)
        return rule;
    ret_fields->entry = entry;
    ret_fields->object = object;
    ret_fields->form = FIELDS_PARSED;
    return RULE_NONE;
}

enum rule fields_open(const struct entry *entry, struct fields *ret_fields)
{
    enum rule rule = fields_check(entry);

    if (rule != RULE_NONE || fields_open_plain(entry, ret_fields))
        return rule;
    return fields_parse(entry, ret_fields);
}

void fields_close(struct fields *fields)
{
    json_decref(fields->object);
    fields->object = NULL;
}

static struct value value_of_json(json_t *json)
{
    struct value value = {.kind = VALUE_OTHER, .json = json};

    if (json_is_string(json)) {
        value.kind = number_words_is_mark(json_string_value(json)) ? VALUE_WORD : VALUE_TEXT;
        value.bytes = json_string_value(json);
        value.length = json_string_length(json);
    } else if (json_is_number(json)) {
        value.kind = VALUE_NUMBER;
    } else if (json_is_boolean(json)) {
        value.kind = VALUE_BOOL;
        value.truth = json_is_true(json);
    } else if (json_is_null(json)) {
        value.kind = VALUE_NULL;
    }
    return value;
}

struct value fields_beside(const struct fields *fields, const char *name)
{
    const struct entry_field *field = entry_find(fields->entry, name);

    if (!field)
        return (struct value){.kind = VALUE_ABSENT};
    return (struct value){.kind = VALUE_TEXT, .bytes = field->value, .length = field->value_length};
}

static struct value value_of_plain(const struct plain_member *member)
{
    static const enum value_kind kinds[] = {
        [PLAIN_TEXT] = VALUE_TEXT,  [PLAIN_NUMBER] = VALUE_NUMBER, [PLAIN_TRUE] = VALUE_BOOL,
        [PLAIN_FALSE] = VALUE_BOOL, [PLAIN_NULL] = VALUE_NULL,     [PLAIN_WORD] = VALUE_WORD,
    };

    return (struct value){
        .kind = kinds[member->kind],
        .bytes = member->value,
        .length = member->value_length,
        .truth = member->kind == PLAIN_TRUE,
    };
}

struct value fields_get(const struct fields *fields, const char *name)
{
    const struct plain_member *member;
    json_t *json;

    switch (fields->form) {
    case FIELDS_PLAIN:
        member = plain_find(&fields->plain, name);
        return member ? value_of_plain(member) : (struct value){.kind = VALUE_ABSENT};
    case FIELDS_PARSED:
        json = json_object_get(fields->object, name);
        return json ? value_of_json(json) : (struct value){.kind = VALUE_ABSENT};
    case FIELDS_FLAT:
        break;
    }
    return fields_beside(fields, name);
}

bool value_number(const struct value *value, double *ret_number)
{
    if (value->kind != VALUE_TEXT && value->kind != VALUE_NUMBER)
        return false;
    if (value->bytes)
        return number_read(value->bytes, value->length, ret_number);
    *ret_number = json_number_value(value->json);
    return true;
}

/* As jansson reads it: a number that looks whole is. */
static json_t *number_json(const struct value *value)
{
    double real;
    int64_t whole;

    if (number_read_integer(value->bytes, value->length, &whole))
        return json_integer(whole);
    return number_read(value->bytes, value->length, &real) ? json_real(real) : NULL;
}

json_t *value_json(const struct value *value)
{
    if (value->json)
        return json_incref(value->json);
    return value->kind == VALUE_BOOL ? json_boolean(value->truth) : number_json(value);
}

void value_print(const struct value *number, char ret_text[static NUMBER_TEXT_MAX])
{
    json_t *json = value_json(number);

    if (json_is_integer(json))
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(json));
    else
        number_shortest(json_real_value(json), ret_text);
    json_decref(json);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct value value_trim(struct value text)
{
    while (text.length > 0 && is_blank(text.bytes[0])) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.bytes[text.length - 1]))
        text.length--;
    return text;
}

bool value_is_word(const struct value *text, const char *word)
{
    return text->kind == VALUE_TEXT && text->length == strlen(word) &&
           strncasecmp(text->bytes, word, text->length) == 0;
}

bool value_is_nothing(const struct value *text)
{
    return text->length == 0 || value_is_word(text, "null") || value_is_word(text, "none");
}
