/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/oracle_signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/base/sha256.h"
#include "tests/fuzz/oracle_number.h"
#include "tests/fuzz/oracle_reading.h"

/* --- the rules, in their order */

static bool symbol_of(const struct reading *reading, char ret_symbol[SYMBOL_MAX + 1])
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    struct text text = text_trimmed(reading_text(reading, "symbol"));
    char symbol[SYMBOL_MAX + 1] = "";

    if (!text.bytes || text.length < 3 || text.length > 32)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        symbol[i] = text_upper(text.bytes[i]);
        if (!symbol[i] || !strchr(allowed, symbol[i]))
            return false;
    }
    memcpy(ret_symbol, symbol, sizeof symbol);
    return true;
}

static bool optional_of(const struct reading *reading, const char *name, double otherwise,
                        double *ret_number)
{
    if (reading_has(reading, name) && !reading_is_null(reading, name))
        return reading_number(reading, name, ret_number);
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
    if (!reading_side(reading))
        return RULE_SIDE;
    if (!reading_number(reading, "confidence", &signal->confidence) || signal->confidence < 0 ||
        signal->confidence > 1)
        return RULE_CONFIDENCE;
    if (!optional_of(reading, "position_size_usd", usual, &signal->asked_usd) ||
        signal->asked_usd <= 0 || signal->asked_usd > 1e15)
        return RULE_SIZE;
    signal->position_size_usd =
        signal->asked_usd < rules->max_position_usd ? signal->asked_usd : rules->max_position_usd;
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
    bool may_be_negative = strstr(name, "_pct") || strstr(name, "_percent");
    double number;

    if (!reading_number(reading, name, &number) || number > 1e15 || number < -1e15 ||
        (number <= 0 && !may_be_negative))
        return NULL;
    return json_is_number(json) ? json_incref(json) : json_real(number);
}

static json_t *carried_scalar(const struct reading *reading, const char *name)
{
    json_t *json = reading->document ? json_object_get(reading->document, name) : NULL;

    return json_is_number(json) || json_is_boolean(json) ? json_incref(json)
                                                         : json_text(reading_text(reading, name));
}

static json_t *carried_of(const struct signal_rules *rules, const struct reading *reading)
{
    static const char *const numbers[] = {"entry_price",  "stop_loss",     "take_profit",
                                          "quantity",     "stop_loss_pct", "take_profit_pct",
                                          "trail_percent"};
    static const char *const texts[] = {"model", "strategy", "meta_strategy", "regime", "reason"};
    json_t *object = json_object();
    json_t *value;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if ((value = carried_number(reading, numbers[i])))
            json_object_set_new(object, numbers[i], value);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((value = json_text(reading_text(reading, texts[i]))))
            json_object_set_new(object, texts[i], value);
    for (size_t i = 0; rules->carry && i < rules->carry->count; i++)
        if ((value = carried_scalar(reading, rules->carry->list[i])))
            json_object_set_new(object, rules->carry->list[i], value);
    return object;
}

static bool decision_from(struct text text, char ret_id[DECISION_ID_MAX + 1])
{
    text = text_trimmed(text);
    bool printable = text.length <= DECISION_ID_MAX;

    if (!text.bytes || text.length == 0 || text_says(text, "0") || text_says(text, "NULL") ||
        text_says(text, "NONE"))
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

/* A number in a document is its text. */
static bool decision_inside(const struct reading *reading, const char *name,
                            char ret_id[DECISION_ID_MAX + 1])
{
    const json_t *json = json_object_get(reading->document, name);
    char number[NUMBER_TEXT_MAX] = "";

    if (json_is_integer(json))
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else if (json_is_real(json))
        number_shortest(json_real_value(json), number);
    else
        return decision_from(reading_text(reading, name), ret_id);
    return decision_from((struct text){number, strlen(number)}, ret_id);
}

static void decision_of(const struct reading *reading, char ret_id[DECISION_ID_MAX + 1])
{
    if (!decision_from(reading_beside(reading, "correlation_id"), ret_id) &&
        !decision_from(reading_beside(reading, "trace_id"), ret_id) &&
        !decision_inside(reading, "correlation_id", ret_id) &&
        !decision_inside(reading, "trace_id", ret_id))
        stream_id_print(reading->entry->id, ret_id);
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
    bool beside = reading_field(reading->entry, name) != NULL;
    json_t *json = beside ? NULL : json_object_get(reading->document, name);
    char number[NUMBER_TEXT_MAX];

    if (json_is_integer(json))
        return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(json));
    if (json_is_real(json)) {
        number_shortest(json_real_value(json), number);
        return memory_text(number);
    }
    json = json_text(beside ? reading_beside(reading, name) : reading_text(reading, name));
    char *text = json_string_length(json) > 0 ? memory_text(json_string_value(json)) : NULL;
    json_decref(json);
    return text;
}

/* The id's time, or the document's own if that is older, and one that can be. */
static int64_t born_of(const struct reading *reading)
{
    struct text text = text_trimmed(reading_text(reading, "timestamp"));
    int64_t by_id = (int64_t)reading->entry->id.ms, own = INT64_MAX;
    double epoch;

    if (text.bytes ? oracle_number(text.bytes, text.length, &epoch)
                   : reading_number(reading, "timestamp", &epoch)) {
        if (epoch < 1e11)
            epoch *= 1000;
        own = epoch > 0 && epoch < 1e15 ? llround(epoch) : INT64_MAX;
    } else if (text.bytes) {
        (void)calendar_read_iso(text.bytes, text.length, &own);
    }
    return own >= 946684800000 && own < by_id ? own : by_id;
}

static void complete(const struct signal_rules *rules, const struct reading *reading,
                     struct signal *signal)
{
    struct text gate = reading_text(reading, "rl_gate_pass");
    struct text regime = text_trimmed(reading_text(reading, "regime"));
    json_t *json = reading->document ? json_object_get(reading->document, "rl_gate_pass") : NULL;

    signal->id = reading->entry->id;
    signal->side = *reading_side(reading) == 'B' ? SIDE_BUY : SIDE_SELL;
    signal->gate_passed = json_is_true(json) || text_says(gate, "TRUE") || text_says(gate, "1");
    signal->regime_known = regime.length > 0 && !text_says(regime, "UNKNOWN") &&
                           !text_says(regime, "NULL") && !text_says(regime, "NONE");
    signal->trace_id = trace_of(reading_beside(reading, "trace_id"));
    signal->correlation_id = trace_of(reading_beside(reading, "correlation_id"));
    signal->timestamp = own_text(reading, "timestamp");
    signal->source = own_text(reading, "source");
    signal->carried = carried_of(rules, reading);
    decision_of(reading, signal->decision_id);
}

static bool is_listed(const struct signal_rules *rules, const char *symbol)
{
    bool all = !rules->only || rules->only->count == 0;

    for (size_t i = 0; !all && i < rules->only->count; i++)
        if (strcmp(rules->only->list[i], symbol) == 0)
            return true;
    return all;
}

static struct signal_verdict judge(const struct signal_rules *rules, const struct reading *reading,
                                   int64_t now_ms, struct signal **ret_signal)
{
    struct signal_verdict verdict = {.symbol = "?", .side = "?"};
    struct signal *signal = memory_new(sizeof *signal);
    const char *side = reading_side(reading);

    signal->dated_ms = born_of(reading);
    if (reading_number(reading, "confidence", &verdict.confidence) && verdict.confidence >= 0 &&
        verdict.confidence < rules->min_confidence) {
        verdict.drop = DROP_LOW_CONFIDENCE;
        (void)symbol_of(reading, verdict.symbol);
        verdict.side = side ? side : "?";
    } else if (!rules->by_id_alone && signal->dated_ms < now_ms - rules->max_age_ms) {
        verdict.drop = DROP_STALE;
    } else if ((verdict.rule = rule_of(rules, reading, signal)) != RULE_NONE) {
        verdict.drop = DROP_INVALID;
    } else if (*side == 'H' || *side == 'C') {
        verdict.drop = *side == 'H' ? DROP_HOLD : DROP_CLOSE;
    } else if (!is_listed(rules, signal->symbol)) {
        verdict.drop = DROP_NOT_LISTED;
    } else {
        complete(rules, reading, signal);
        *ret_signal = signal;
        return verdict;
    }
    free(signal);
    return verdict;
}

struct oracle_verdict oracle_signal(const struct signal_rules *rules, const struct entry *entry,
                                    int64_t now_ms)
{
    struct oracle_verdict oracle = {.verdict = {.drop = DROP_INVALID}};
    struct reading reading;

    oracle.verdict.rule = reading_open(entry, &reading, &oracle.is_broken);
    if (oracle.verdict.rule != RULE_NONE)
        return oracle;
    oracle.verdict = judge(rules, &reading, now_ms, &oracle.signal);
    reading_close(&reading);
    return oracle;
}
