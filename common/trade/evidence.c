/* SPDX-License-Identifier: MIT */
#include "common/trade/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/trade/fields.h"

void evidence_put(struct evidence_text *text, const char *bytes, size_t length)
{
    size_t room = sizeof text->bytes - text->length;

    if (length > room)
        length = room;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static void put_json(struct evidence_text *text, const json_t *json)
{
    char *dump = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    if (dump)
        evidence_put(text, dump, strlen(dump));
    free(dump);
}

static void put_value(struct evidence_text *text, struct value value)
{
    if (value.kind == VALUE_NULL)
        evidence_put(text, "null", 4);
    else if (value.kind == VALUE_WORD)
        evidence_put(text, "NaN", 3);
    else if (value.kind == VALUE_BOOL)
        evidence_put(text, value.truth ? "true" : "false", value.truth ? 4 : 5);
    else if (value.bytes)
        evidence_put(text, value.bytes, value.length);
    else if (value.json)
        put_json(text, value.json);
}

/* What each of the three says that is there. */
static void put_direction(struct evidence_text *text, const struct fields *fields)
{
    static const char *const places[] = {"side", "action", "direction"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct value value = fields_get(fields, places[i]);
        if (value.kind == VALUE_ABSENT)
            continue;
        if (text->length > 0)
            evidence_put(text, ",", 1);
        evidence_put(text, places[i], strlen(places[i]));
        evidence_put(text, ":", 1);
        put_value(text, value);
    }
}

static void read_document(const struct fields *fields, enum rule rule, struct evidence *evidence)
{
    struct value symbol = fields_get(fields, "symbol");

    if (symbol.kind == VALUE_TEXT && symbol.length > 0)
        put_value(&evidence->symbol, symbol);
    if (rule == RULE_SIDE)
        put_direction(&evidence->value, fields);
    else if (rule >= RULE_SYMBOL && rule <= RULE_LEVERAGE)
        put_value(&evidence->value, fields_get(fields, rule_name(rule)));
}

static bool is_there_before(const struct entry *entry, size_t at)
{
    const struct entry_field *field = &entry->fields[at];

    for (size_t i = 0; i < at; i++)
        if (entry->fields[i].name_length == field->name_length &&
            memcmp(entry->fields[i].name, field->name, field->name_length) == 0)
            return true;
    return false;
}

/* The name of the first of the entry's own fields that is too long or there twice; or how many
 * there are. */
static void put_field(struct evidence_text *text, const struct entry *entry, enum rule rule)
{
    char count[NUMBER_DIGITS_MAX];

    if (rule == RULE_TOO_MANY_FIELDS) {
        evidence_put(text, count, number_print(entry->count, count));
        return;
    }
    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        const struct entry alone = {.count = 1, .fields = {*field}};
        if (rule == RULE_DUPLICATE_FIELD ? is_there_before(entry, i)
                                         : fields_check(&alone) == rule) {
            evidence_put(text, field->name, field->name_length);
            return;
        }
    }
}

static bool is_of_the_document(enum rule rule)
{
    return rule == RULE_TOO_DEEP || rule == RULE_DUPLICATE_KEY || rule == RULE_NOT_JSON ||
           rule == RULE_NOT_AN_OBJECT;
}

/* One that breaks a bound is read no further than that bound: its fields may not even be there. */
void evidence_read(const struct entry *entry, enum rule rule, struct evidence *ret_evidence)
{
    struct evidence evidence = {0};
    enum rule bound = fields_check(entry);
    struct fields fields;

    if (bound != RULE_NONE) {
        put_field(&evidence.value, entry, bound);
    } else if (is_of_the_document(rule)) {
        const struct entry_field *document = fields_document(entry);
        if (document)
            evidence_put(&evidence.value, document->value, document->value_length);
    } else if (fields_open(entry, &fields) == RULE_NONE) {
        read_document(&fields, rule, &evidence);
        fields_close(&fields);
    }
    if (evidence.symbol.length == 0)
        evidence_put(&evidence.symbol, "?", 1);
    *ret_evidence = evidence;
}
