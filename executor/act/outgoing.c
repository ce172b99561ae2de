/* SPDX-License-Identifier: MIT */
#include "executor/act/outgoing.h"

#include "common/base/calendar.h"

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

/* New fields come at the end. */
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

void outgoing_add_result(const struct result *result, struct command *command)
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

void outgoing_add_result_counted(const struct result *result, struct command *command)
{
    struct command entry = {0};

    outgoing_add_result(result, &entry);
    command_add_int(command, (int64_t)entry.count);
    command_free(&entry);
    outgoing_add_result(result, command);
}

void outgoing_add_order(const struct order *order, int64_t now_ms, int64_t deadline_ms,
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
