/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/oracle_reading.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/fuzz/oracle_number.h"

static const char blanks[] = " \t\n\v\f\r";

/* --- bounds */

static bool is(const struct entry_field *field, const char *name)
{
    return field->name_length == strlen(name) && memcmp(field->name, name, strlen(name)) == 0;
}

const struct entry_field *reading_field(const struct entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->count; i++)
        if (is(&entry->fields[i], name))
            return &entry->fields[i];
    return NULL;
}

static enum rule bound_of_field(const struct entry *entry, size_t at)
{
    const struct entry_field *field = &entry->fields[at];
    bool document = is(field, "payload") || is(field, "data");

    if (field->name_length > 64)
        return RULE_NAME_TOO_LONG;
    if (field->value_length > (document ? 65536 : 4096))
        return RULE_VALUE_TOO_LONG;
    for (size_t i = 0; i < at; i++)
        if (field->name_length == entry->fields[i].name_length &&
            memcmp(field->name, entry->fields[i].name, field->name_length) == 0)
            return RULE_DUPLICATE_FIELD;
    return RULE_NONE;
}

static enum rule bound_of(const struct entry *entry)
{
    enum rule rule = entry->count > 64 ? RULE_TOO_MANY_FIELDS : RULE_NONE;

    for (size_t i = 0; i < entry->count && rule == RULE_NONE; i++)
        rule = bound_of_field(entry, i);
    return rule;
}

static unsigned depth_of(const json_t *json)
{
    unsigned deepest = 0;
    size_t index;
    const char *key;
    json_t *value;

    if (json_is_object(json))
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            unsigned depth = depth_of(value);
            deepest = depth > deepest ? depth : deepest;
        }
    else if (json_is_array(json))
        json_array_foreach(json, index, value)
        {
            unsigned depth = depth_of(value);
            deepest = depth > deepest ? depth : deepest;
        }
    else
        return 0;
    return deepest + 1;
}

static bool begins(const char *text, size_t left, const char *word)
{
    return left >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* Where a value may stand and end, by what is next to it that is no blank. */
static bool is_value(const char *text, size_t length, size_t at, size_t word)
{
    static const char json_blanks[] = " \t\r\n";
    size_t before = at, behind = at + word;

    while (before > 0 && text[before - 1] && strchr(json_blanks, text[before - 1]))
        before--;
    while (behind < length && text[behind] && strchr(json_blanks, text[behind]))
        behind++;
    bool is_apart = behind > at + word || behind == length || strchr(",]}", text[behind]);
    bool stands_apart = before < at || (before > 0 && strchr(",[:", text[before - 1]));
    return is_apart && stands_apart && (behind == length || text[behind] != ':');
}

/* The document with the words for numbers that are none as strings of one DEL. */
static char *without_words(const char *text, size_t length)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    char *copy = memory_bytes(text, length);
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        for (size_t j = 0; !in_string && j < sizeof words / sizeof *words; j++)
            if (begins(text + i, length - i, words[j]) &&
                is_value(text, length, i, strlen(words[j]))) {
                memset(copy + i, ' ', strlen(words[j]));
                memcpy(copy + i, "\"\x7f\"", 3);
            }
    }
    return copy;
}

/* The document, or what is wrong with it. A key that is there twice is no JSON for us, yet the rest
 * of it can be measured. */
static enum rule open_text(const char *text, size_t length, json_t **ret_document, bool *ret_broken)
{
    json_error_t error;
    json_t *loose = json_loadb(text, length, 0, &error);

    *ret_document = NULL;
    *ret_broken = !loose;
    if (!loose)
        return RULE_NOT_JSON;
    enum rule rule = depth_of(loose) > 8 ? RULE_TOO_DEEP : RULE_NONE;
    json_decref(loose);
    if (rule != RULE_NONE)
        return rule;
    *ret_document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!*ret_document)
        return RULE_DUPLICATE_KEY;
    return json_is_object(*ret_document) ? RULE_NONE : RULE_NOT_AN_OBJECT;
}

static enum rule open_document(const struct entry_field *field, json_t **ret_document,
                               bool *ret_broken)
{
    char *text = without_words(field->value, field->value_length);
    enum rule rule = open_text(text, field->value_length, ret_document, ret_broken);

    free(text);
    return rule;
}

/* --- values; a text of the entry becomes JSON bytes without asking for UTF-8 */

struct text reading_beside(const struct reading *reading, const char *name)
{
    const struct entry_field *field = reading_field(reading->entry, name);

    return field ? (struct text){field->value, field->value_length} : (struct text){0};
}

struct text reading_text(const struct reading *reading, const char *name)
{
    const json_t *json;

    if (!reading->document)
        return reading_beside(reading, name);
    json = json_object_get(reading->document, name);
    struct text text = {json_string_value(json), json_string_length(json)};
    return text_says(text, "\x7f") ? (struct text){0} : text; /* stands for a number that is none */
}

bool reading_has(const struct reading *reading, const char *name)
{
    return reading->document ? json_object_get(reading->document, name) != NULL
                             : reading_field(reading->entry, name) != NULL;
}

bool reading_is_null(const struct reading *reading, const char *name)
{
    return reading->document && json_is_null(json_object_get(reading->document, name));
}

bool reading_number(const struct reading *reading, const char *name, double *ret_number)
{
    const json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;
    struct text text = reading_text(reading, name);

    if (json_is_number(json)) {
        *ret_number = json_number_value(json);
        return true;
    }
    return text.bytes && oracle_number(text.bytes, text.length, ret_number);
}

struct text text_trimmed(struct text text)
{
    while (text.length > 0 && text.bytes[0] && strchr(blanks, text.bytes[0]))
        text = (struct text){text.bytes + 1, text.length - 1};
    while (text.length > 0 && text.bytes[text.length - 1] &&
           strchr(blanks, text.bytes[text.length - 1]))
        text.length--;
    return text;
}

char text_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

bool text_says(struct text text, const char *word)
{
    if (!text.bytes || text.length != strlen(word))
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (text_upper(text.bytes[i]) != word[i])
            return false;
    return true;
}

void reading_close(struct reading *reading)
{
    json_decref(reading->document);
    reading->document = NULL;
}

enum rule reading_open(const struct entry *entry, struct reading *ret_reading, bool *ret_broken)
{
    const struct entry_field *document;
    enum rule rule = bound_of(entry);

    *ret_reading = (struct reading){.entry = entry};
    *ret_broken = false;
    if (rule != RULE_NONE)
        return rule;
    document = reading_field(entry, "payload");
    if (!document)
        document = reading_field(entry, "data");
    if (document)
        rule = open_document(document, &ret_reading->document, ret_broken);
    if (rule != RULE_NONE)
        reading_close(ret_reading);
    return rule;
}

/* --- which way it points */

static bool any_says(const struct reading *reading, const char *const *words)
{
    static const char *const names[] = {"side", "action", "direction"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; words[j]; j++)
            if (text_says(text_trimmed(reading_text(reading, names[i])), words[j]))
                return true;
    return false;
}

/* Three that are there and say a thing that nobody knows. */
static bool any_is_odd(const struct reading *reading)
{
    static const char *const names[] = {"side", "action", "direction"};
    static const char *const known[] = {"BUY",  "SELL",  "LONG",  "SHORT",
                                        "OPEN", "ENTER", "ENTRY", ""};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text text = text_trimmed(reading_text(reading, names[i]));
        bool is_known = !reading_has(reading, names[i]) || reading_is_null(reading, names[i]);
        for (size_t j = 0; j < sizeof known / sizeof *known; j++)
            is_known = is_known || text_says(text, known[j]);
        if (!is_known)
            return true;
    }
    return false;
}

static bool only_reduces(const struct reading *reading, const char *name)
{
    const json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;
    struct text text = text_trimmed(reading_text(reading, name));
    double number;

    if (!reading_has(reading, name) || reading_is_null(reading, name) || json_is_false(json))
        return false;
    if (text.bytes && (text.length == 0 || text_says(text, "FALSE")))
        return false;
    if (text.bytes)
        return !oracle_number(text.bytes, text.length, &number) || number != 0;
    return !reading_number(reading, name, &number) || number != 0;
}

const char *reading_side(const struct reading *reading)
{
    static const char *const exits[] = {"CLOSE",      "EXIT",        "FLAT", "PARTIAL_CLOSE",
                                        "CLOSE_LONG", "CLOSE_SHORT", NULL};
    static const char *const holds[] = {"HOLD", NULL}, *const buys[] = {"BUY", "LONG", NULL};
    static const char *const sells[] = {"SELL", "SHORT", NULL};

    if (any_says(reading, exits) || only_reduces(reading, "reduce_only") ||
        only_reduces(reading, "reduceOnly"))
        return "CLOSE";
    if (any_says(reading, holds))
        return "HOLD";
    if (any_is_odd(reading) || any_says(reading, buys) == any_says(reading, sells))
        return NULL;
    return any_says(reading, buys) ? "BUY" : "SELL";
}
