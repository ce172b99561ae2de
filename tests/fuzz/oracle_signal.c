/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/oracle_signal.h"

#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/base/sha256.h"
#include "tests/fuzz/oracle_number.h"

/* What is looked at: the document, or NULL for the entry's own fields. */
struct reading {
    const struct entry *entry;
    json_t *document;
};

static const char blanks[] = " \t\n\v\f\r";

/* --- bounds */

static bool is(const struct entry_field *field, const char *name)
{
    return field->name_length == strlen(name) && memcmp(field->name, name, strlen(name)) == 0;
}

static const struct entry_field *field_of(const struct entry *entry, const char *name)
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

/* The document, or what is wrong with it. A key that is there twice is no JSON for us, yet the rest
 * of it can be measured. */
static enum rule open_document(const struct entry_field *field, json_t **ret_document,
                               bool *ret_broken)
{
    json_error_t error;
    json_t *loose = json_loadb(field->value, field->value_length, 0, &error);

    *ret_document = NULL;
    *ret_broken = !loose;
    if (!loose)
        return RULE_NOT_JSON;
    enum rule rule = depth_of(loose) > 8 ? RULE_TOO_DEEP : RULE_NONE;
    json_decref(loose);
    if (rule != RULE_NONE)
        return rule;
    *ret_document = json_loadb(field->value, field->value_length, JSON_REJECT_DUPLICATES, &error);
    if (!*ret_document)
        return RULE_DUPLICATE_KEY;
    return json_is_object(*ret_document) ? RULE_NONE : RULE_NOT_AN_OBJECT;
}

/* --- values; a text of the entry becomes JSON bytes without asking for UTF-8 */

struct text {
    const char *bytes; /* NULL: it is no text */
    size_t length;
};

static struct text text_beside(const struct reading *reading, const char *name)
{
    const struct entry_field *field = field_of(reading->entry, name);

    return field ? (struct text){field->value, field->value_length} : (struct text){0};
}

static struct text text_of(const struct reading *reading, const char *name)
{
    const json_t *json;

    if (!reading->document)
        return text_beside(reading, name);
    json = json_object_get(reading->document, name);
    return (struct text){json_string_value(json), json_string_length(json)};
}

static bool is_there(const struct reading *reading, const char *name)
{
    return reading->document ? json_object_get(reading->document, name) != NULL
                             : field_of(reading->entry, name) != NULL;
}

static bool is_null(const struct reading *reading, const char *name)
{
    return reading->document && json_is_null(json_object_get(reading->document, name));
}

static bool number_of(const struct reading *reading, const char *name, double *ret_number)
{
    const json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;
    struct text text = text_of(reading, name);

    if (json_is_number(json)) {
        *ret_number = json_number_value(json);
        return true;
    }
    return text.bytes && oracle_number(text.bytes, text.length, ret_number);
}

static struct text trimmed(struct text text)
{
    while (text.length > 0 && text.bytes[0] && strchr(blanks, text.bytes[0]))
        text = (struct text){text.bytes + 1, text.length - 1};
    while (text.length > 0 && text.bytes[text.length - 1] &&
           strchr(blanks, text.bytes[text.length - 1]))
        text.length--;
    return text;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool says(struct text text, const char *word)
{
    if (!text.bytes || text.length != strlen(word))
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (upper(text.bytes[i]) != word[i])
            return false;
    return true;
}

/* --- the rules, in their order */

static bool symbol_of(const struct reading *reading, char ret_symbol[SYMBOL_MAX + 1])
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    struct text text = trimmed(text_of(reading, "symbol"));
    char symbol[SYMBOL_MAX + 1] = "";

    if (!text.bytes || text.length < 3 || text.length > 32)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        symbol[i] = upper(text.bytes[i]);
        if (!symbol[i] || !strchr(allowed, symbol[i]))
            return false;
    }
    memcpy(ret_symbol, symbol, sizeof symbol);
    return true;
}

static const char *side_of(const struct reading *reading)
{
    struct text text = trimmed(text_of(reading, is_there(reading, "side") ? "side" : "action"));

    if (says(text, "BUY") || says(text, "LONG"))
        return "BUY";
    if (says(text, "SELL") || says(text, "SHORT"))
        return "SELL";
    return says(text, "HOLD") ? "HOLD" : says(text, "CLOSE") ? "CLOSE" : NULL;
}

static bool optional_of(const struct reading *reading, const char *name, double otherwise,
                        double *ret_number)
{
    if (is_there(reading, name) && !is_null(reading, name))
        return number_of(reading, name, ret_number);
    *ret_number = otherwise;
    return true;
}

static enum rule rule_of(const struct signal_rules *rules, const struct reading *reading,
                         struct signal *signal)
{
    double usual = rules->default_position_usd < rules->max_position_usd
                       ? rules->default_position_usd
                       : rules->max_position_usd;

    if (!symbol_of(reading, signal->symbol))
        return RULE_SYMBOL;
    if (!side_of(reading))
        return RULE_SIDE;
    if (!number_of(reading, "confidence", &signal->confidence) || signal->confidence < 0 ||
        signal->confidence > 1)
        return RULE_CONFIDENCE;
    if (!optional_of(reading, "position_size_usd", usual, &signal->position_size_usd) ||
        signal->position_size_usd <= 0 || signal->position_size_usd > rules->max_position_usd)
        return RULE_SIZE;
    if (!optional_of(reading, "leverage", 1, &signal->leverage) || signal->leverage < 1 ||
        signal->leverage > rules->max_leverage)
        return RULE_LEVERAGE;
    return RULE_NONE;
}

/* --- what is behind the rules */

static json_t *json_text(struct text text)
{
    bool fits = text.bytes && text.length <= 256 && !memchr(text.bytes, '\0', text.length);

    return fits ? json_stringn(text.bytes, text.length) : NULL; /* NULL too when it is no UTF-8 */
}

static json_t *carried_number(const struct reading *reading, const char *name)
{
    json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;
    double number;

    if (json_is_number(json))
        return json_incref(json);
    return number_of(reading, name, &number) ? json_real(number) : NULL;
}

static json_t *carried_scalar(const struct reading *reading, const char *name)
{
    json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;

    return json_is_number(json) || json_is_boolean(json) ? json_incref(json)
                                                         : json_text(text_of(reading, name));
}

static json_t *carried_of(const struct signal_rules *rules, const struct reading *reading)
{
    static const char *const numbers[] = {"entry_price",   "stop_loss",       "take_profit",
                                          "stop_loss_pct", "take_profit_pct", "trail_percent",
                                          "quantity"};
    static const char *const texts[] = {"model", "strategy", "meta_strategy", "regime", "reason"};
    json_t *object = json_object();
    json_t *value;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if ((value = carried_number(reading, numbers[i])))
            json_object_set_new(object, numbers[i], value);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((value = json_text(text_of(reading, texts[i]))))
            json_object_set_new(object, texts[i], value);
    for (size_t i = 0; rules->carry && i < rules->carry->count; i++)
        if ((value = carried_scalar(reading, rules->carry->list[i])))
            json_object_set_new(object, rules->carry->list[i], value);
    return object;
}

static bool decision_from(struct text text, char ret_id[DECISION_ID_MAX + 1])
{
    text = trimmed(text);
    bool printable = text.length <= DECISION_ID_MAX;

    if (!text.bytes || text.length == 0 || says(text, "0") || says(text, "NULL") ||
        says(text, "NONE"))
        return false;
    for (size_t i = 0; i < text.length; i++)
        printable = printable && text.bytes[i] >= ' ' && text.bytes[i] <= '~';
    if (!printable) {
        sha256_text(text.bytes, text.length, ret_id);
        return true;
    }
    memcpy(ret_id, text.bytes, text.length);
    ret_id[text.length] = '\0';
    return true;
}

static struct trace trace_of(struct text text)
{
    json_t *json = json_stringn(text.bytes, text.length); /* NULL when it is no UTF-8 */
    bool is_told = json && text.length > 0;

    json_decref(json);
    return is_told ? (struct trace){memory_bytes(text.bytes, text.length), text.length}
                   : (struct trace){0};
}

static char *own_text(const struct reading *reading, const char *name)
{
    bool beside = field_of(reading->entry, name) != NULL;
    json_t *json = beside ? NULL : json_object_get(reading->document, name);
    char number[NUMBER_TEXT_MAX];

    if (json_is_integer(json))
        return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(json));
    if (json_is_real(json)) {
        number_shortest(json_real_value(json), number);
        return memory_text(number);
    }
    json = json_text(beside ? text_beside(reading, name) : text_of(reading, name));
    char *text = json_string_length(json) > 0 ? memory_text(json_string_value(json)) : NULL;
    json_decref(json);
    return text;
}

static void complete(const struct signal_rules *rules, const struct reading *reading,
                     struct signal *signal)
{
    struct text gate = text_of(reading, "rl_gate_pass");
    struct text regime = trimmed(text_of(reading, "regime"));
    json_t *json = reading->document ? json_object_get(reading->document, "rl_gate_pass") : NULL;

    signal->id = reading->entry->id;
    signal->side = *side_of(reading) == 'B' ? SIDE_BUY : SIDE_SELL;
    signal->gate_passed = json_is_true(json) || says(gate, "TRUE") || says(gate, "1");
    signal->regime_known = regime.length > 0 && !says(regime, "UNKNOWN") && !says(regime, "NULL") &&
                           !says(regime, "NONE");
    signal->trace_id = trace_of(text_beside(reading, "trace_id"));
    signal->correlation_id = trace_of(text_beside(reading, "correlation_id"));
    signal->timestamp = own_text(reading, "timestamp");
    signal->source = own_text(reading, "source");
    signal->carried = carried_of(rules, reading);
    if (!decision_from(text_beside(reading, "correlation_id"), signal->decision_id) &&
        !decision_from(text_beside(reading, "trace_id"), signal->decision_id))
        stream_id_print(reading->entry->id, signal->decision_id);
}

static struct signal_verdict judge(const struct signal_rules *rules, const struct reading *reading,
                                   struct signal **ret_signal)
{
    struct signal_verdict verdict = {.symbol = "?", .side = "?"};
    struct signal *signal = memory_new(sizeof *signal);
    const char *side = side_of(reading);

    if (number_of(reading, "confidence", &verdict.confidence) && verdict.confidence >= 0 &&
        verdict.confidence < rules->min_confidence) {
        verdict.drop = DROP_LOW_CONFIDENCE;
        (void)symbol_of(reading, verdict.symbol);
        verdict.side = side ? side : "?";
    } else if ((verdict.rule = rule_of(rules, reading, signal)) != RULE_NONE) {
        verdict.drop = DROP_INVALID;
    } else if (*side == 'H' || *side == 'C') {
        verdict.drop = *side == 'H' ? DROP_HOLD : DROP_CLOSE;
    } else {
        complete(rules, reading, signal);
        *ret_signal = signal;
        return verdict;
    }
    free(signal);
    return verdict;
}

struct oracle_verdict oracle_signal(const struct signal_rules *rules, const struct entry *entry)
{
    struct oracle_verdict oracle = {.verdict = {.drop = DROP_INVALID}};
    struct reading reading = {.entry = entry};

    oracle.verdict.rule = bound_of(entry);
    if (oracle.verdict.rule != RULE_NONE)
        return oracle;
    const struct entry_field *document = field_of(entry, "payload");
    if (!document)
        document = field_of(entry, "data");
    if (document)
        oracle.verdict.rule = open_document(document, &reading.document, &oracle.is_broken);
    if (oracle.verdict.rule == RULE_NONE)
        oracle.verdict = judge(rules, &reading, &oracle.signal);
    json_decref(reading.document);
    return oracle;
}
