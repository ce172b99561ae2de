/* SPDX-License-Identifier: MIT */
#include "executor/act/result_entry.h"

#include "common/base/calendar.h"
#include "common/base/number.h"

static void add_number(struct command *command, const char *name, double value)
{
    char text[NUMBER_TEXT_MAX];

    number_shortest(value, text);
    command_add_all(command, name, text, NULL);
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

void result_entry_add(const struct result *result, struct command *command)
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

void result_entry_add_counted(const struct result *result, struct command *command)
{
    struct command entry = {0};

    result_entry_add(result, &entry);
    command_add_int(command, (int64_t)entry.count);
    command_free(&entry);
    result_entry_add(result, command);
}
