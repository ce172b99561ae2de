/* SPDX-License-Identifier: MIT */
#include "ctl/check/schema.h"

#include <assert.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/trade/number_words.h"

struct schema {
    json_t *root;
};

struct check {
    const char *field;
    const json_t *value;
    schema_violation_fn *violation;
    void *owner;
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void violate(struct check *check, const char *format,
                                                          ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *rule = memory_format_list(format, arguments);
    va_end(arguments);
    check->violation(check->owner, check->field, rule);
    check->count++;
    free(rule);
}

/* --- the keywords, each against one value */

static bool is_whole(const json_t *value)
{
    return json_is_integer(value) ||
           (json_is_real(value) && trunc(json_real_value(value)) == json_real_value(value));
}

static void check_type(struct check *check, const json_t *wanted)
{
    const char *type = json_string_value(wanted);
    bool fits = (strcmp(type, "string") == 0 && json_is_string(check->value)) ||
                (strcmp(type, "number") == 0 && json_is_number(check->value)) ||
                (strcmp(type, "integer") == 0 && is_whole(check->value)) ||
                (strcmp(type, "object") == 0 && json_is_object(check->value));

    if (!fits)
        violate(check, "type %s", type);
}

/* 1 and 1.0 are the same number. */
static bool is_equal(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    return json_equal(a, b) == 1;
}

static char *text_of(const json_t *value)
{
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
}

static void check_const(struct check *check, const json_t *wanted)
{
    if (is_equal(check->value, wanted))
        return;
    char *text = text_of(wanted);
    violate(check, "const %s", text);
    free(text);
}

static void check_enum(struct check *check, const json_t *wanted)
{
    const json_t *one;
    size_t i;

    json_array_foreach(wanted, i, one)
    {
        if (is_equal(check->value, one))
            return;
    }
    char *text = text_of(wanted);
    violate(check, "enum %s", text);
    free(text);
}

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;

    int failed = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
    assert(!failed && "schema_load() has tried it");
    bool is_match = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_match;
}

static void check_pattern(struct check *check, const json_t *wanted)
{
    const char *text = json_string_value(check->value);

    if (text && (strlen(text) != json_string_length(check->value) ||
                 !matches(text, json_string_value(wanted))))
        violate(check, "pattern %s", json_string_value(wanted));
}

static size_t characters(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t count = 0;

    for (size_t i = 0; i < json_string_length(value); i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static void check_length(struct check *check, const char *keyword, const json_t *wanted)
{
    json_int_t bound = json_integer_value(wanted);

    if (!json_is_string(check->value))
        return;
    json_int_t length = (json_int_t)characters(check->value);
    if (strcmp(keyword, "minLength") == 0 ? length < bound : length > bound)
        violate(check, "%s %lld", keyword, (long long)bound);
}

static void check_range(struct check *check, const char *keyword, const json_t *wanted)
{
    double bound = json_number_value(wanted), value = json_number_value(check->value);
    bool fits = (strcmp(keyword, "minimum") == 0 && value >= bound) ||
                (strcmp(keyword, "maximum") == 0 && value <= bound) ||
                (strcmp(keyword, "exclusiveMinimum") == 0 && value > bound);

    if (json_is_number(check->value) && !fits)
        violate(check, "%s %g", keyword, bound);
}

static void check_keyword(struct check *check, const char *keyword, const json_t *wanted)
{
    if (strcmp(keyword, "type") == 0)
        check_type(check, wanted);
    else if (strcmp(keyword, "const") == 0)
        check_const(check, wanted);
    else if (strcmp(keyword, "enum") == 0)
        check_enum(check, wanted);
    else if (strcmp(keyword, "pattern") == 0)
        check_pattern(check, wanted);
    else if (strcmp(keyword, "minLength") == 0 || strcmp(keyword, "maxLength") == 0)
        check_length(check, keyword, wanted);
    else if (strcmp(keyword, "description") != 0)
        check_range(check, keyword, wanted);
}

/* --- the document */

static void check_value(struct check *check, json_t *rules)
{
    const char *keyword;
    json_t *wanted;

    json_object_foreach(rules, keyword, wanted)
    {
        check_keyword(check, keyword, wanted);
    }
}

static void check_required(struct check *check, const json_t *document, const json_t *required)
{
    const json_t *name;
    size_t i;

    json_array_foreach(required, i, name)
    {
        check->field = json_string_value(name);
        if (!json_object_get(document, check->field))
            violate(check, "required");
    }
}

static bool is_required(const char *field, const json_t *required)
{
    const json_t *name;
    size_t i;

    json_array_foreach(required, i, name)
    {
        if (strcmp(json_string_value(name), field) == 0)
            return true;
    }
    return false;
}

/* NaN and infinities count as not there; a required field that holds one breaks its rules. */
static const json_t *value_of(const json_t *document, const char *field, const json_t *required)
{
    const json_t *value = json_object_get(document, field);

    if (!json_is_string(value) || !number_words_is_mark(json_string_value(value)))
        return value;
    return is_required(field, required) ? json_null() : NULL;
}

size_t schema_check(const struct schema *schema, const json_t *document,
                    schema_violation_fn *violation, void *owner)
{
    struct check check = {.field = "-", .violation = violation, .owner = owner};
    const json_t *required = json_object_get(schema->root, "required");
    const char *name;
    json_t *rules;

    check.value = document;
    check_type(&check, json_object_get(schema->root, "type"));
    if (check.count > 0)
        return check.count;
    check_required(&check, document, required);
    json_object_foreach(json_object_get(schema->root, "properties"), name, rules)
    {
        check.field = name;
        check.value = value_of(document, name, required);
        if (check.value && json_is_false(rules))
            violate(&check, "false: it may not be there");
        else if (check.value)
            check_value(&check, rules);
    }
    return check.count;
}

/* --- the schema itself */

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static bool are_understood(json_t *object, const char *const *keywords)
{
    const char *keyword;
    json_t *value;

    json_object_foreach(object, keyword, value)
    {
        if (!is_one_of(keyword, keywords))
            return false;
    }
    return json_is_object(object);
}

static bool is_type(const json_t *type)
{
    static const char *const types[] = {"string", "number", "integer", "object", NULL};

    return !type || (json_is_string(type) && is_one_of(json_string_value(type), types));
}

static bool is_pattern(const json_t *pattern)
{
    regex_t regex;

    if (!pattern)
        return true;
    if (!json_is_string(pattern) ||
        regcomp(&regex, json_string_value(pattern), REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    regfree(&regex);
    return true;
}

static bool is_understood(json_t *root)
{
    static const char *const of_root[] = {"$schema", "$id",      "title",      "description",
                                          "type",    "required", "properties", NULL};
    static const char *const of_field[] = {"type",        "const",     "enum",
                                           "pattern",     "minLength", "maxLength",
                                           "minimum",     "maximum",   "exclusiveMinimum",
                                           "description", NULL};
    const char *name;
    json_t *rules;

    if (!are_understood(root, of_root) || !json_is_string(json_object_get(root, "type")) ||
        !is_type(json_object_get(root, "type")))
        return false;
    json_object_foreach(json_object_get(root, "properties"), name, rules)
    {
        if (json_is_false(rules))
            continue;
        if (!are_understood(rules, of_field) || !is_type(json_object_get(rules, "type")) ||
            !is_pattern(json_object_get(rules, "pattern")))
            return false;
    }
    return true;
}

struct schema *schema_load(const char *text)
{
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    if (!root || !is_understood(root)) {
        json_decref(root);
        return NULL;
    }
    struct schema *schema = memory_new(sizeof *schema);
    schema->root = root;
    return schema;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    json_decref(schema->root);
    free(schema);
}

struct schema *schema_of_intents(void)
{
    struct schema *schema = schema_load(trade_intent_schema);

    assert(schema && "it is shipped, and a test loads it");
    return schema;
}
