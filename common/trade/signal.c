/* SPDX-License-Identifier: MIT */
#include "common/trade/signal.h"

#include <assert.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/trade/decision_id.h"
#include "common/trade/direction.h"
#include "common/trade/gate.h"
#include "common/trade/terms.h"

const char *side_name(enum side side)
{
    return side == SIDE_BUY ? "BUY" : "SELL";
}

bool signal_is_stale(int64_t born_ms, int64_t now_ms, int64_t max_age_ms)
{
    return born_ms < now_ms - max_age_ms;
}

static bool is_in_the_future(struct stream_id id, int64_t now_ms, int64_t future_max_ms)
{
    return stream_id_time_ms(id) > now_ms + future_max_ms;
}

/*
 * What a signal hands on to its intent unread: prices, stops, the names of model and strategy, and
 * whatever the operator lists in intent.carry; of its quantity the plan decides. A field of a wrong
 * type is left out, and so is a price or quantity that is none, which the executor would refuse; it
 * never spoils the signal.
 */

/* Whether a text may stand in an intent: bounded, UTF-8. */
static bool text_fits(const struct value *text)
{
    return text->kind == VALUE_TEXT && text->length <= SIGNAL_TEXT_MAX &&
           utf8_valid(text->bytes, text->length);
}

static json_t *number_within(const struct value *value, double least)
{
    double number;

    if (!value_number(value, &number) || !(number >= least && number <= TERMS_NUMBER_MAX))
        return NULL;
    return value->kind == VALUE_NUMBER ? value_json(value) : json_real(number);
}

static json_t *number_of(const struct value *value)
{
    return number_within(value, -TERMS_NUMBER_MAX);
}

static json_t *amount_of(const struct value *value)
{
    return number_within(value, DBL_TRUE_MIN);
}

static json_t *text_of(const struct value *value)
{
    return text_fits(value) ? json_stringn(value->bytes, value->length) : NULL;
}

/* Of a further name only the owner knows the type: any scalar will do. */
static json_t *scalar_of(const struct value *value)
{
    if (value->kind == VALUE_NUMBER || value->kind == VALUE_BOOL)
        return value_json(value);
    return text_of(value);
}

/* Prices and quantities are above 0. */
static const struct {
    const char *name;
    json_t *(*read)(const struct value *value);
} carried[] = {
    {"entry_price", amount_of},   {"stop_loss", amount_of},     {"take_profit", amount_of},
    {"quantity", amount_of},      {"stop_loss_pct", number_of}, {"take_profit_pct", number_of},
    {"trail_percent", number_of}, {"model", text_of},           {"strategy", text_of},
    {"meta_strategy", text_of},   {"regime", text_of},          {"reason", text_of},
};

enum { CARRIED_COUNT = sizeof carried / sizeof *carried };

static bool has_a_type(const char *name)
{
    for (size_t i = 0; i < CARRIED_COUNT; i++)
        if (strcmp(carried[i].name, name) == 0)
            return true;
    return false;
}

static void carry(json_t *object, const struct fields *fields, const char *name,
                  json_t *(*read)(const struct value *value))
{
    struct value value = fields_get(fields, name);
    json_t *read_value = value.kind == VALUE_ABSENT ? NULL : read(&value);

    if (read_value)
        (void)json_object_set_new(object, name, read_value);
}

/* A new object of the fields that are there and of the right type. */
static json_t *read_carried(const struct fields *fields, const struct names *further)
{
    json_t *object = json_object();

    for (size_t i = 0; i < CARRIED_COUNT; i++)
        carry(object, fields, carried[i].name, carried[i].read);
    for (size_t i = 0; further && i < further->count; i++)
        if (!has_a_type(further->list[i]))
            carry(object, fields, further->list[i], scalar_of);
    return object;
}

static bool read_confidence(const struct fields *fields, double *ret_confidence)
{
    struct value value = fields_get(fields, "confidence");
    double confidence;

    if (!value_number(&value, &confidence) || !(confidence >= 0.0 && confidence <= 1.0))
        return false;
    *ret_confidence = confidence;
    return true;
}

/* Absent and null mean `otherwise`. */
static bool read_optional(const struct fields *fields, const char *name, double otherwise,
                          double *ret_number)
{
    struct value value = fields_get(fields, name);

    if (value.kind == VALUE_ABSENT || value.kind == VALUE_NULL) {
        *ret_number = otherwise;
        return true;
    }
    return value_number(&value, ret_number);
}

static enum rule read_sizes(const struct signal_rules *rules, const struct fields *fields,
                            struct signal *signal)
{
    double usual = rules->default_position_usd;
    double size, leverage;

    if (usual > rules->max_position_usd)
        usual = rules->max_position_usd;
    if (!read_optional(fields, "position_size_usd", usual, &size) || !(size > 0.0) ||
        size > TERMS_NUMBER_MAX)
        return RULE_SIZE;
    if (!read_optional(fields, "leverage", 1.0, &leverage) || !(leverage >= 1.0) ||
        leverage > rules->max_leverage)
        return RULE_LEVERAGE;
    signal->asked_usd = size;
    signal->position_size_usd = size > rules->max_position_usd ? rules->max_position_usd : size;
    signal->leverage = leverage;
    return RULE_NONE;
}

static bool read_regime(const struct fields *fields)
{
    struct value value = fields_get(fields, "regime");

    if (value.kind != VALUE_TEXT)
        return false;
    value = value_trim(value);
    return !value_is_nothing(&value) && !value_is_word(&value, "unknown");
}

/* What is not UTF-8 would cost a consumer that decodes what it reads the whole stream. */
static struct trace read_trace(const struct fields *fields, const char *name)
{
    struct value value = fields_beside(fields, name);

    if (value.kind != VALUE_TEXT || value.length == 0 ||
        !utf8_well_formed(value.bytes, value.length))
        return (struct trace){0};
    return (struct trace){memory_bytes(value.bytes, value.length), value.length};
}

/* Beside the document if it is there, else inside it, where a number is as good as its text. */
static char *read_own_text(const struct fields *fields, const char *name)
{
    struct value value = fields_beside(fields, name);
    char number[NUMBER_TEXT_MAX];

    if (value.kind == VALUE_ABSENT)
        value = fields_get(fields, name);
    if (value.kind == VALUE_NUMBER) {
        value_print(&value, number);
        return memory_text(number);
    }
    if (!text_fits(&value) || value.length == 0)
        return NULL;
    return memory_bytes(value.bytes, value.length);
}

/* What the allocator and jansson take for it, near enough to bound a window by. */
static size_t weigh(const struct signal *signal)
{
    enum { PER_CARRIED = 160 };
    size_t weight = sizeof *signal + signal->trace_id.length + signal->correlation_id.length +
                    json_object_size(signal->carried) * PER_CARRIED;
    const char *key;
    json_t *value;

    json_object_foreach(signal->carried, key, value) weight += json_string_length(value);
    return weight;
}

static enum rule read_required(const struct signal_rules *rules, const struct fields *fields,
                               struct signal *signal, struct direction *ret_direction)
{
    if (!terms_read_symbol(fields, signal->symbol))
        return RULE_SYMBOL;
    if (!direction_read(fields, ret_direction))
        return RULE_SIDE;
    if (!read_confidence(fields, &signal->confidence))
        return RULE_CONFIDENCE;
    return read_sizes(rules, fields, signal);
}

static struct signal_verdict low_confidence(const struct signal_rules *rules,
                                            const struct fields *fields, double confidence)
{
    struct signal_verdict verdict = {
        .drop = DROP_LOW_CONFIDENCE, .symbol = "?", .side = "?", .confidence = confidence};
    struct direction direction;

    if (!rules->explain_low)
        return verdict;
    (void)terms_read_symbol(fields, verdict.symbol);
    if (direction_read(fields, &direction))
        verdict.side = intention_name(direction.intention);
    return verdict;
}

static struct signal_verdict dropped(enum drop drop)
{
    return (struct signal_verdict){.drop = drop};
}

static struct signal_verdict invalid(enum rule rule)
{
    return (struct signal_verdict){.drop = DROP_INVALID, .rule = rule};
}

/* A producer that was cut off writes what it kept under new ids: its own timestamp tells. One that
 * lies ahead of the id is a clock that goes wrong, and one before 2000 is none. */
static int64_t born_ms_of(const struct signal_rules *rules, const struct fields *fields)
{
    int64_t by_id = stream_id_time_ms(fields->entry->id);
    int64_t own;

    if (rules->by_id_alone || !terms_read_moment(fields, &own) || own < TERMS_MOMENT_MIN_MS ||
        own > by_id)
        return by_id;
    return own;
}

static struct signal_verdict stale_by_timestamp(const struct signal *signal)
{
    return (struct signal_verdict){.drop = DROP_STALE,
                                   .dated_ms = signal->dated_ms,
                                   .behind_ms = stream_id_time_ms(signal->id) - signal->dated_ms};
}

static int compare_to_name(const void *symbol, const void *name)
{
    return strcmp(symbol, *(char *const *)name);
}

static bool is_listed(const struct signal_rules *rules, const char *symbol)
{
    const struct names *only = rules->only;

    return !only || only->count == 0 ||
           bsearch(symbol, only->list, only->count, sizeof *only->list, compare_to_name);
}

static struct signal_verdict not_listed(const struct signal *signal)
{
    struct signal_verdict verdict = {
        .drop = DROP_NOT_LISTED, .side = side_name(signal->side), .confidence = signal->confidence};

    memcpy(verdict.symbol, signal->symbol, sizeof verdict.symbol);
    return verdict;
}

/* What an open draft's fields say. */
static struct signal_verdict judge(const struct signal_rules *rules, int64_t now_ms,
                                   struct signal_draft *draft)
{
    const struct fields *fields = &draft->fields;
    struct signal *signal = &draft->signal;
    struct direction direction;
    double confidence;

    if (read_confidence(fields, &confidence) && confidence < rules->min_confidence)
        return low_confidence(rules, fields, confidence);
    *signal = (struct signal){.id = fields->entry->id, .dated_ms = born_ms_of(rules, fields)};
    if (signal_is_stale(signal->dated_ms, now_ms, rules->max_age_ms))
        return stale_by_timestamp(signal);
    enum rule rule = read_required(rules, fields, signal, &direction);
    if (rule != RULE_NONE)
        return invalid(rule);
    if (direction.intention == INTENT_HOLD)
        return dropped(DROP_HOLD);
    if (direction.intention == INTENT_CLOSE)
        return dropped(DROP_CLOSE);
    signal->side = direction.intention == INTENT_BUY ? SIDE_BUY : SIDE_SELL;
    if (!is_listed(rules, signal->symbol))
        return not_listed(signal);
    signal->gate_passed = terms_read_truth(fields, "rl_gate_pass");
    signal->regime_known = read_regime(fields);
    return dropped(DROP_NONE);
}

/* Opens the fields; a verdict other than DROP_NONE says that it need not or cannot be done. */
static struct signal_verdict open_fields(const struct signal_rules *rules,
                                         const struct entry *entry, struct fields *ret_fields)
{
    struct signal_verdict low = {.drop = DROP_LOW_CONFIDENCE, .symbol = "?", .side = "?"};

    enum rule rule = fields_check(entry);
    if (rule != RULE_NONE)
        return invalid(rule);
    if (fields_open_plain(entry, ret_fields))
        return dropped(DROP_NONE);
    if (!rules->explain_low && gate_is_surely_low(entry, rules->min_confidence, &low.confidence))
        return low;
    rule = fields_parse(entry, ret_fields);
    return rule == RULE_NONE ? dropped(DROP_NONE) : invalid(rule);
}

struct signal_verdict signal_judge(const struct signal_rules *rules, const struct entry *entry,
                                   int64_t now_ms, struct signal_draft *ret_draft)
{
    assert(rules && entry && ret_draft);
    if (signal_is_stale(stream_id_time_ms(entry->id), now_ms, rules->max_age_ms))
        return (struct signal_verdict){.drop = DROP_STALE,
                                       .dated_ms = stream_id_time_ms(entry->id)};
    if (is_in_the_future(entry->id, now_ms, rules->future_max_ms))
        return (struct signal_verdict){.drop = DROP_INVALID,
                                       .rule = RULE_FUTURE,
                                       .dated_ms = stream_id_time_ms(entry->id),
                                       .ahead_ms = stream_id_time_ms(entry->id) - now_ms};
    struct signal_verdict verdict = open_fields(rules, entry, &ret_draft->fields);
    if (verdict.drop != DROP_NONE)
        return verdict;
    verdict = judge(rules, now_ms, ret_draft);
    if (verdict.drop != DROP_NONE)
        signal_discard(ret_draft);
    return verdict;
}

const char *signal_near_size(const struct signal_rules *rules, const struct signal_draft *draft)
{
    static const char *const near[] = {"size", "size_usd", "notional", "amount"};
    const struct fields *fields = &draft->fields;

    if (draft->signal.asked_usd > rules->default_position_usd ||
        fields_get(fields, "position_size_usd").kind != VALUE_ABSENT)
        return NULL;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (fields_get(fields, near[i]).kind != VALUE_ABSENT)
            return near[i];
    return NULL;
}

/* Null and what says that a number is none ask for nothing. */
static bool is_left_out(const struct fields *fields, size_t index)
{
    struct value value = fields_get(fields, carried[index].name);

    if (value.kind == VALUE_ABSENT || value.kind == VALUE_NULL || value.kind == VALUE_WORD)
        return false;
    json_t *read_value = carried[index].read(&value);
    bool is_nothing = !read_value;
    json_decref(read_value);
    return is_nothing;
}

const char *signal_left_out(const struct signal_draft *draft, size_t *at)
{
    while (*at < CARRIED_COUNT) {
        size_t index = (*at)++;
        if (is_left_out(&draft->fields, index))
            return carried[index].name;
    }
    return NULL;
}

struct signal *signal_make(const struct signal_rules *rules, struct signal_draft *draft)
{
    const struct fields *fields = &draft->fields;
    struct signal *signal = memory_new(sizeof *signal);

    *signal = draft->signal;
    signal->trace_id = read_trace(fields, "trace_id");
    signal->correlation_id = read_trace(fields, "correlation_id");
    signal->timestamp = read_own_text(fields, "timestamp");
    if (!terms_read_moment(fields, &signal->timestamp_ms))
        signal->timestamp_ms = INT64_MAX;
    signal->source = read_own_text(fields, "source");
    signal->carried = read_carried(fields, rules->carry);
    if (!signal->decision_id[0])
        decision_id_of(fields, signal->decision_id);
    signal->weight = weigh(signal);
    signal_discard(draft);
    return signal;
}

void signal_discard(struct signal_draft *draft)
{
    fields_close(&draft->fields);
}

void signal_free(struct signal *signal)
{
    if (!signal)
        return;
    free(signal->trace_id.bytes);
    free(signal->correlation_id.bytes);
    free(signal->timestamp);
    free(signal->source);
    json_decref(signal->carried);
    free(signal);
}
