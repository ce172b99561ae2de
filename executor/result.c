/* SPDX-License-Identifier: MIT */
#include "executor/result.h"

#include <string.h>

#include "common/base/calendar.h"
#include "common/base/number.h"

struct result result_of(const struct order *order, enum outcome outcome, int64_t ts_ms)
{
    struct result result = {
        .signal_id = order->signal_id,
        .decision_id = order->decision_id,
        .symbol = order->symbol,
        .action = order_action(order),
        .status = outcome_status(outcome),
        .reason = outcome_reason(outcome),
        .size_usd = order->size_usd,
        .ts_ms = ts_ms,
    };

    stream_id_print(order->id, result.intent_id);
    return result;
}

struct result result_of_position(const struct position *position, int64_t ts_ms)
{
    return (struct result){
        .signal_id = position->signal_id,
        .decision_id = position->decision_id,
        .symbol = position->symbol,
        .action = side_name(position->side),
        .status = outcome_status(OUTCOME_FILLED),
        .reason = "",
        .price = position->price,
        .quantity = position->quantity,
        .size_usd = position->size_usd,
        .fee_usd = position->fee_usd,
        .ts_ms = ts_ms,
    };
}

static void add_number(struct command *command, const char *name, double value)
{
    char text[NUMBER_TEXT_MAX];

    number_shortest(value, text);
    command_add_all(command, name, text, NULL);
}

void result_add(const struct result *result, struct command *command)
{
    char ts[CALENDAR_ISO_MAX];

    calendar_iso(result->ts_ms, ts);
    command_add_all(command, "intent_id", result->intent_id, "signal_id", result->signal_id,
                    "decision_id", result->decision_id, "symbol", result->symbol, "action",
                    result->action, "status", result->status, "reason", result->reason, NULL);
    add_number(command, "price", result->price);
    add_number(command, "quantity", result->quantity);
    add_number(command, "size_usd", result->size_usd);
    add_number(command, "fee_usd", result->fee_usd);
    command_add_all(command, "ts", ts, NULL);
}
