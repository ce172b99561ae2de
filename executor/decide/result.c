/* SPDX-License-Identifier: MIT */
#include "executor/decide/result.h"

#include <string.h>

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

    if (!order->closes && !order->has_no_action)
        result.side = side_name(order->side);
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
        .status = "",
        .reason = "",
        .ts_ms = ts_ms,
        .side = side_name(position->side),
    };
}

/* --- positions */

static void name_position(struct result *result, const struct position *position)
{
    result->side = side_name(position->side);
    result->leverage = position->leverage;
    memcpy(result->order_id, position->intent_id, sizeof result->order_id);
}

/* Before it is told to be filled, its price is what was asked for. */
static double entry_of(const struct position *position)
{
    return position->handed_over ? 0 : position->price;
}

void result_open(struct result *result, const struct position *position)
{
    name_position(result, position);
    result->price = position->price;
    result->quantity = position->quantity;
    result->size_usd = position->size_usd;
    result->fee_usd = position->fee_usd;
    result->entry_price = entry_of(position);
    result->position_size_usd = position->size_usd;
}

struct result result_of_opening(const struct order *order, enum outcome outcome,
                                const struct position *position, int64_t ts_ms)
{
    struct result result = result_of(order, outcome, ts_ms);

    if (outcome == OUTCOME_FILLED) {
        result_open(&result, position);
    } else {
        result.price = position->price;
        result.quantity = position->quantity;
        result.fee_usd = position->fee_usd;
    }
    return result;
}

static void keep_what_is_shared(struct result *result, const struct position *position)
{
    if (result->side && strcmp(result->side, side_name(position->side)) != 0)
        result->side = NULL;
    if (result->leverage != position->leverage)
        result->leverage = 0;
    result->order_id[0] = '\0';
    result->opened_by = NULL;
}

/* By quantity; 0 where one of them is not known. */
static double mean(const struct result *result, double price, const struct position *position,
                   double other)
{
    double quantity = result->quantity + position->quantity;

    if (!(price > 0) || !(other > 0) || !(quantity > 0))
        return 0;
    return (price * result->quantity + other * position->quantity) / quantity;
}

void result_close(struct result *result, const struct position *position, double exit_price)
{
    bool is_known = entry_of(position) > 0 && exit_price > 0;

    if (result->closed++ == 0) {
        name_position(result, position);
        result->opened_by = position->decision_id;
        result->entry_price = entry_of(position);
        result->price = exit_price;
        result->has_profit = is_known;
    } else {
        keep_what_is_shared(result, position);
        result->entry_price = mean(result, result->entry_price, position, entry_of(position));
        result->price = mean(result, result->price, position, exit_price);
        result->has_profit = result->has_profit && is_known;
    }
    result->profit_usd += position_profit(position, exit_price) - position->fee_usd;
    result->quantity += position->quantity;
    result->position_size_usd += position->size_usd;
    result->size_usd += position->size_usd;
}

void result_round(struct result *result)
{
    enum { PLACES = 8 };

    result->profit_usd = number_round(result->profit_usd - result->fee_usd, PLACES);
    if (result->closed < 2)
        return;
    result->price = number_round(result->price, PLACES);
    result->quantity = number_round(result->quantity, PLACES);
    result->size_usd = number_round(result->size_usd, PLACES);
    result->fee_usd = number_round(result->fee_usd, PLACES);
    result->entry_price = number_round(result->entry_price, PLACES);
    result->position_size_usd = number_round(result->position_size_usd, PLACES);
}
