/* SPDX-License-Identifier: MIT */
#include "executor/act/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "executor/act/executor_look.h"

/* --- results */

static void add_number(struct command *command, const char *name, double value)
{
    command_add(command, name);
    command_add_number(command, value);
}

static void add_known(struct command *command, const char *name, double value)
{
    if (value > 0)
        add_number(command, name, value);
}

static void add_given(struct command *command, const char *name, const char *text)
{
    if (text && text[0])
        command_add_all(command, name, text, NULL);
}

/* New ones come at the end. */
static void add_where_they_apply(const struct result *result, struct command *command)
{
    char timestamp[CALENDAR_ISO_MAX];

    calendar_iso(result->ts_ms, timestamp);
    add_given(command, "side", result->side);
    command_add_all(command, "timestamp", timestamp, NULL);
    add_given(command, "order_id", result->order_id);
    add_known(command, "entry_price", result->entry_price);
    add_known(command, "position_size_usd", result->position_size_usd);
    add_known(command, "leverage", result->leverage);
    if (result->has_profit)
        add_number(command, "profit_usd", result->profit_usd);
    add_given(command, "opened_by", result->opened_by);
    add_given(command, "price_source", result->price_source);
}

void settle_add_result(const struct result *result, struct command *command)
{
    command_add_all(command, "intent_id", result->intent_id, "signal_id", result->signal_id,
                    "decision_id", result->decision_id, "symbol", result->symbol, "action",
                    result->action, "status", result->status, "reason", result->reason, NULL);
    add_number(command, "price", result->price);
    add_number(command, "quantity", result->quantity);
    add_number(command, "size_usd", result->size_usd);
    add_number(command, "fee_usd", result->fee_usd);
    command_add(command, "ts");
    command_add_int(command, result->ts_ms / 1000);
    add_where_they_apply(result, command);
}

void settle_add_result_counted(const struct result *result, struct command *command)
{
    struct command entry = {0};

    settle_add_result(result, &entry);
    command_add_int(command, (int64_t)entry.count);
    command_free(&entry);
    settle_add_result(result, command);
}

/* --- the calls */

static const char *kind_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_HANDED_OVER:
        return "hand";
    case OUTCOME_WOULD_EXECUTE:
        return "would";
    case OUTCOME_CLOSED:
        return "close";
    default:
        return "fill";
    }
}

void settle_mark(const struct order *order, enum outcome outcome, char ret_mark[static MARK_MAX])
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    (void)snprintf(ret_mark, MARK_MAX, "%s %s", id, outcome_name(outcome));
}

void settle_end_mark(const struct result *result, char ret_mark[static MARK_MAX])
{
    (void)snprintf(ret_mark, MARK_MAX, "%s %s%s%s", result->intent_id, result->status,
                   result->reason[0] ? ":" : "", result->reason);
}

static void add_per_intent(const char *start, const struct order *order, struct command *command)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    command_add_format(command, "%s%s", start, id);
}

static void add_mark_key(const struct executor_keys *keys, const struct order *order,
                         struct command *command)
{
    command_add_format(command, "%s%s", keys->processed, order->decision_id);
}

static void add_last_exit_key(const struct executor_keys *keys, const struct order *order,
                              struct command *command)
{
    command_add_format(command, "%s%s", keys->last_exit, order->symbol);
}

/* The sides of the openings that the order ends, when it is handled: an exit's alone. */
static const char *ended_sides(const struct order *order)
{
    if (!order->closes)
        return "";
    return order->closes_one_side ? side_name(order->side) : "BUY SELL";
}

static void add_mark(const struct executor_settings *settings, const struct order *order,
                     enum outcome outcome, struct command *command)
{
    char mark[MARK_MAX];

    settle_mark(order, outcome, mark);
    command_add_int(command, executor_mark_sec(settings, order));
    command_add(command, mark);
}

/* What an adapter reads. */
static void add_venue_order(const struct order *order, int64_t deadline_ms, int64_t now_ms,
                            struct command *command)
{
    char id[STREAM_ID_TEXT_MAX], ts[CALENDAR_ISO_MAX], expires[CALENDAR_ISO_MAX];

    stream_id_print(order->id, id);
    calendar_iso(now_ms, ts);
    calendar_iso(deadline_ms, expires);
    command_add_all(command, "order_id", id, "decision_id", order->decision_id, "symbol",
                    order->symbol, "action", order_action(order), NULL);
    add_number(command, "size_usd", order->size_usd);
    add_number(command, "quantity", order->quantity);
    add_number(command, "leverage", order->leverage);
    add_number(command, "entry_price", order->entry_price);
    add_number(command, "stop_loss", order->stop_loss);
    add_number(command, "take_profit", order->take_profit);
    command_add_all(command, "ts", ts, "expires_at", expires, NULL);
}

static void add_open_keys(const struct executor_settings *settings, const struct order *order,
                          enum outcome outcome, struct command *command)
{
    const struct executor_keys *keys = &settings->keys;

    command_add(command, keys->intents);
    add_mark_key(keys, order, command);
    command_add_all(command, keys->open_orders, keys->safe_mode, keys->hold, keys->positions, NULL);
    command_add_format(command, "%s%s", keys->rate_symbol, order->symbol);
    command_add(command, keys->rate_global);
    add_per_intent(keys->begun, order, command);
    command_add(command, outcome == OUTCOME_HANDED_OVER ? keys->orders : keys->results);
    add_last_exit_key(keys, order, command);
    halts_add_keys(&settings->halts, command);
}

static void add_open_limits(const struct executor_settings *settings, const struct order *order,
                            struct command *command)
{
    const struct guard_rules *guards = &settings->guards;

    command_add_int(command, guards->max_open);
    command_add_all(command, order->symbol, side_name(order->side), guards->symbol_adds ? "1" : "0",
                    NULL);
    command_add_int(command, guards->symbol_rate_max);
    command_add_int(command, settings->symbol_rate_sec);
    command_add_int(command, guards->global_rate_max);
    command_add_int(command, settings->global_rate_sec);
}

static int64_t output_maxlen(const struct executor_settings *settings, enum outcome outcome)
{
    return outcome == OUTCOME_HANDED_OVER ? settings->orders_maxlen : settings->results_maxlen;
}

/* What only would have been opened is no position. */
static struct result tell_opening(const struct order *order, const struct opening *opening)
{
    struct result result = result_of(order, opening->outcome, opening->now_ms);

    result.price_source = opening->price_source;
    if (opening->outcome == OUTCOME_FILLED) {
        result_open(&result, opening->position);
    } else {
        result.price = opening->position->price;
        result.quantity = opening->position->quantity;
        result.fee_usd = opening->position->fee_usd;
    }
    return result;
}

void settle_open_command(const struct script *script, const struct executor_settings *settings,
                         const struct order *order, const struct opening *opening,
                         struct command *ret_command)
{
    char *position = position_write(opening->position);

    script_command(script, 11 + settings->halts.also.count, ret_command);
    add_open_keys(settings, order, opening->outcome, ret_command);
    command_add(ret_command, settings->keys.group);
    command_add_id(ret_command, order->id);
    command_add(ret_command, kind_of(opening->outcome));
    add_mark(settings, order, opening->outcome, ret_command);
    command_add_int(ret_command, opening->deadline_ms);
    add_open_limits(settings, order, ret_command);
    command_add(ret_command, position);
    command_add_int(ret_command, output_maxlen(settings, opening->outcome));
    halts_add_words(&settings->halts, ret_command);
    if (opening->outcome == OUTCOME_HANDED_OVER) {
        add_venue_order(order, opening->deadline_ms, opening->now_ms, ret_command);
    } else {
        struct result result = tell_opening(order, opening);
        settle_add_result(&result, ret_command);
    }
    free(position);
}

/* What becomes of each position that is still as it was seen; handed over, they wait for the
 * adapter. */
static void add_leaving(const struct order *order, const struct closing *closing,
                        struct command *command)
{
    for (size_t i = 0; i < closing->count; i++) {
        struct position position = closing->positions[i];
        stream_id_print(order->id, position.exit_id);
        position.exit_until_ms = closing->deadline_ms;
        char *becomes = position_write(&position);
        command_add_all(command, position.intent_id, closing->texts[i],
                        closing->outcome == OUTCOME_HANDED_OVER ? becomes : "", NULL);
        free(becomes);
    }
}

/* By the ids of the orders that opened them, so that nothing else is closed. */
static void add_closes(const struct closing *closing, struct command *command)
{
    char *ids = memory_text("");

    for (size_t i = 0; i < closing->count; i++) {
        char *longer =
            memory_format("%s%s%s", ids, i > 0 ? "," : "", closing->positions[i].intent_id);
        free(ids);
        ids = longer;
    }
    command_add_all(command, "closes", ids, NULL);
    free(ids);
}

void settle_close_command(const struct script *script, const struct executor_settings *settings,
                          const struct order *order, const struct closing *closing,
                          struct command *ret_command)
{
    const struct executor_keys *keys = &settings->keys;
    bool hands_over = closing->outcome == OUTCOME_HANDED_OVER;
    char *kept = handed_exit_write(order, closing->positions, closing->count);

    script_command(script, 8, ret_command);
    command_add(ret_command, keys->intents);
    add_mark_key(keys, order, ret_command);
    command_add_all(ret_command, keys->open_orders, keys->positions, NULL);
    add_per_intent(keys->begun, order, ret_command);
    command_add_all(ret_command, hands_over ? keys->orders : keys->results, keys->exits, NULL);
    add_last_exit_key(keys, order, ret_command);
    command_add(ret_command, keys->group);
    command_add_id(ret_command, order->id);
    command_add(ret_command, kind_of(closing->outcome));
    add_mark(settings, order, closing->outcome, ret_command);
    command_add_int(ret_command, closing->deadline_ms);
    command_add(ret_command, kept);
    command_add_int(ret_command, output_maxlen(settings, closing->outcome));
    command_add(ret_command, ended_sides(order));
    command_add_int(ret_command, (int64_t)closing->count);
    add_leaving(order, closing, ret_command);
    if (hands_over) {
        add_venue_order(order, closing->deadline_ms, closing->now_ms, ret_command);
        add_closes(closing, ret_command);
    } else {
        settle_add_result(&closing->result, ret_command);
    }
    free(kept);
}

static void add_dead_letter(const struct executor_settings *settings,
                            const struct dead_letter_cause *dead_letter, struct command *command)
{
    command_add_int(command, settings->dead_letters_maxlen);
    command_add(command, dead_letter->reason);
    command_add_int(command, dead_letter->begun);
    command_add(command, dead_letter->note);
    if (dead_letter->before_ms > 0)
        command_add_int(command, dead_letter->before_ms);
    else
        command_add(command, "");
}

void settle_end_command(const struct script *script, const struct executor_settings *settings,
                        const struct order *order, const struct result *result, bool marks,
                        const struct dead_letter_cause *dead_letter, struct command *ret_command)
{
    const struct executor_keys *keys = &settings->keys;
    char mark[MARK_MAX];
    bool ends_others = marks && strcmp(result->reason, outcome_reason(OUTCOME_DUPLICATE)) != 0;

    script_command(script, 6, ret_command);
    command_add(ret_command, keys->intents);
    add_mark_key(keys, order, ret_command);
    add_per_intent(keys->begun, order, ret_command);
    command_add_all(ret_command, keys->results, keys->dead_letters, NULL);
    add_last_exit_key(keys, order, ret_command);
    command_add(ret_command, keys->group);
    command_add_id(ret_command, order->id);
    if (marks)
        command_add_int(ret_command, executor_mark_sec(settings, order));
    else
        command_add(ret_command, "");
    settle_end_mark(result, mark);
    command_add(ret_command, mark);
    command_add(ret_command, ends_others ? ended_sides(order) : "");
    command_add_int(ret_command, settings->results_maxlen);
    settle_add_result_counted(result, ret_command);
    if (dead_letter)
        add_dead_letter(settings, dead_letter, ret_command);
}

static enum outcome outcome_named(const struct reply_text *name, enum outcome otherwise)
{
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (strlen(outcome_name(outcome)) == name->length &&
            memcmp(outcome_name(outcome), name->bytes, name->length) == 0)
            return outcome;
    return otherwise;
}

static enum settlement kind_said(const redisReply *word)
{
    static const struct {
        const char *word;
        enum settlement kind;
    } words[] = {
        {"done", SETTLEMENT_DONE},   {"gone", SETTLEMENT_ELSEWHERE}, {"hold", SETTLEMENT_HELD},
        {"moved", SETTLEMENT_MOVED}, {"end", SETTLEMENT_ENDS},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (reply_is_text(word, words[i].word))
            return words[i].kind;
    return SETTLEMENT_REFUSED;
}

void settle_read(const redisReply *reply, struct settled *ret_settled)
{
    struct settled settled = {.kind = kind_said(reply_element(reply, 0)), .positions = -1};
    const redisReply *second = reply_element(reply, 1);
    struct reply_text text;

    if (settled.kind == SETTLEMENT_DONE)
        (void)reply_read_integer(second, &settled.positions);
    if (settled.kind == SETTLEMENT_ENDS && reply_read_text(second, &text))
        settled.outcome = outcome_named(&text, OUTCOME_DUPLICATE);
    if (settled.kind == SETTLEMENT_ELSEWHERE && reply_read_text(second, &text))
        (void)snprintf(settled.what, sizeof settled.what, "%.*s", (int)text.length, text.bytes);
    if (settled.kind == SETTLEMENT_REFUSED) {
        const char *fault = executor_look_fault(reply);
        settled.kind = fault ? SETTLEMENT_FAULTY : SETTLEMENT_REFUSED;
        (void)snprintf(settled.what, sizeof settled.what, "%s",
                       fault ? fault : reply_complaint(reply));
    }
    *ret_settled = settled;
}
