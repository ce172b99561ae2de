/* SPDX-License-Identifier: MIT */
#include "executor/decide/position.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

enum { PRICE_PLACES = 8 };

static const double bps_per_unit = 1e4;

/* Far beyond whatever an order may bring about, and small enough that no product of what is stored
 * with a price leaves the range of a double. */
static const double stored_max = 1e40;
static const double stored_price_min = 1e-40;

/* At or beyond the limit, seen from the side that loses. */
static bool is_reached(double price, double limit, bool from_above)
{
    if (!(limit > 0) || !(price > 0))
        return false;
    return from_above ? price <= limit : price >= limit;
}

/* A level on the wrong side of the opening price is mostly a percentage. It would close the
 * position in the moment in which it was opened. */
static void leave_out_odd_levels(struct position *position)
{
    bool is_long = position->side == SIDE_BUY;

    if (is_reached(position->price, position->stop_loss, is_long))
        position->stop_loss = 0;
    if (is_reached(position->price, position->take_profit, !is_long))
        position->take_profit = 0;
}

void position_open(const struct order *order, const struct fill_rules *rules, double price,
                   int64_t now_ms, struct position *ret_position)
{
    double slip = price * rules->slippage_bps / bps_per_unit;
    struct position position = {
        .side = order->side,
        .size_usd = order->size_usd,
        .leverage = order->leverage,
        .price = number_round(order->side == SIDE_BUY ? price + slip : price - slip, PRICE_PLACES),
        .fee_usd = number_round(order->size_usd * rules->fee_pct / 100.0, PRICE_PLACES),
        .stop_loss = order->stop_loss,
        .take_profit = order->take_profit,
        .opened_ms = now_ms,
        .closes_ms = now_ms + rules->hold_ms,
    };

    position.quantity = order->quantity;
    if (!(position.quantity > 0) && position.price > 0)
        position.quantity = number_round(order->size_usd / position.price, PRICE_PLACES);
    leave_out_odd_levels(&position);
    stream_id_print(order->id, position.intent_id);
    memcpy(position.symbol, order->symbol, sizeof position.symbol);
    memcpy(position.decision_id, order->decision_id, sizeof position.decision_id);
    memcpy(position.signal_id, order->signal_id, sizeof position.signal_id);
    *ret_position = position;
}

double position_exit_price(const struct position *position, const struct fill_rules *rules,
                           double price)
{
    double slip = price * rules->slippage_bps / bps_per_unit;

    return number_round(position->side == SIDE_BUY ? price - slip : price + slip, PRICE_PLACES);
}

double position_exit_fee(const struct position *position, const struct fill_rules *rules,
                         double exit_price)
{
    double worth = position->price > 0 ? position->size_usd * exit_price / position->price
                                       : position->size_usd;

    return number_round(worth * rules->fee_pct / 100.0, PRICE_PLACES);
}

double position_profit(const struct position *position, double exit_price)
{
    if (!(position->price > 0))
        return 0;
    double rise = (exit_price - position->price) / position->price;
    return position->size_usd * (position->side == SIDE_BUY ? rise : -rise);
}

enum position_end position_ends(const struct position *position, double price, int64_t now_ms)
{
    bool is_long = position->side == SIDE_BUY;

    if (is_reached(price, position->stop_loss, is_long))
        return POSITION_STOP_LOSS;
    if (is_reached(price, position->take_profit, !is_long))
        return POSITION_TAKE_PROFIT;
    if (position->closes_ms > 0 && now_ms >= position->closes_ms)
        return POSITION_HOLD_TIME;
    return POSITION_STAYS;
}

const char *position_end_name(enum position_end end)
{
    static const char *const names[] = {"", "hold_time", "stop_loss", "take_profit"};

    assert(end <= POSITION_TAKE_PROFIT);
    return names[end];
}

bool position_is_leaving(const struct position *position, int64_t now_ms)
{
    return position->exit_id[0] != '\0' && now_ms <= position->exit_until_ms;
}

void position_free_of_exit(struct position *position)
{
    memset(position->exit_id, 0, sizeof position->exit_id);
    position->exit_until_ms = 0;
}

/* The symbol and the side come first: the scripts look at them. */
char *position_write(const struct position *position)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:b, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:s, s:s, s:s, s:s, s:I, "
        "s:s}",
        "symbol", position->symbol, "side", side_name(position->side), "handed_over",
        position->handed_over, "size_usd", position->size_usd, "quantity", position->quantity,
        "price", position->price, "leverage", position->leverage, "fee_usd", position->fee_usd,
        "stop_loss", position->stop_loss, "take_profit", position->take_profit, "opened_ms",
        (json_int_t)position->opened_ms, "closes_ms", (json_int_t)position->closes_ms,
        "decision_id", position->decision_id, "signal_id", position->signal_id, "answered_id",
        position->answered_id, "exit_id", position->exit_id, "exit_until_ms",
        (json_int_t)position->exit_until_ms, "closed_id", position->closed_id);
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

    json_decref(object);
    assert(text && "our own texts are ASCII and memory never fails");
    return text;
}

static bool take_text(const char *text, char *ret_text, size_t room)
{
    int length = snprintf(ret_text, room, "%s", text);

    return length >= 0 && (size_t)length < room;
}

static bool is_stored_time(int64_t ms)
{
    return ms >= 0 && ms <= INT64_MAX / 4;
}

static bool is_stored_number(double value, double least)
{
    return value == 0 || (value >= least && value <= stored_max);
}

/* Somebody may have written it by hand: no calculation with it may leave the range. */
static bool is_calculable(const struct position *position)
{
    return is_stored_number(position->size_usd, 0) && is_stored_number(position->quantity, 0) &&
           is_stored_number(position->price, stored_price_min) &&
           is_stored_number(position->fee_usd, 0) && is_stored_time(position->opened_ms) &&
           is_stored_time(position->closes_ms);
}

/* What an older version did not write is as if it had not happened. */
static bool unpack_venue(json_t *object, struct position *position)
{
    const char *answered_id = "", *exit_id = "", *closed_id = "";
    json_int_t exit_until_ms = 0;

    if (json_unpack(object, "{s?s, s?s, s?I, s?s}", "answered_id", &answered_id, "exit_id",
                    &exit_id, "exit_until_ms", &exit_until_ms, "closed_id", &closed_id) != 0)
        return false;
    position->exit_until_ms = exit_until_ms;
    return take_text(answered_id, position->answered_id, sizeof position->answered_id) &&
           take_text(exit_id, position->exit_id, sizeof position->exit_id) &&
           take_text(closed_id, position->closed_id, sizeof position->closed_id);
}

static bool unpack(json_t *object, const char *intent_id, struct position *position)
{
    const char *symbol, *side, *decision_id, *signal_id;
    int handed_over;
    json_int_t opened_ms, closes_ms;

    if (json_unpack(
            object, "{s:s, s:s, s:b, s:F, s:F, s:F, s:F, s:F, s:F, s:F, s:I, s:I, s:s, s:s}",
            "symbol", &symbol, "side", &side, "handed_over", &handed_over, "size_usd",
            &position->size_usd, "quantity", &position->quantity, "price", &position->price,
            "leverage", &position->leverage, "fee_usd", &position->fee_usd, "stop_loss",
            &position->stop_loss, "take_profit", &position->take_profit, "opened_ms", &opened_ms,
            "closes_ms", &closes_ms, "decision_id", &decision_id, "signal_id", &signal_id) != 0)
        return false;
    position->side = strcmp(side, "SELL") == 0 ? SIDE_SELL : SIDE_BUY;
    position->handed_over = handed_over != 0;
    position->opened_ms = opened_ms;
    position->closes_ms = closes_ms;
    return strcmp(side, side_name(position->side)) == 0 && is_calculable(position) &&
           unpack_venue(object, position) &&
           take_text(intent_id, position->intent_id, sizeof position->intent_id) &&
           take_text(symbol, position->symbol, sizeof position->symbol) &&
           take_text(decision_id, position->decision_id, sizeof position->decision_id) &&
           take_text(signal_id, position->signal_id, sizeof position->signal_id);
}

bool position_read(const char *intent_id, const char *text, size_t length,
                   struct position *ret_position)
{
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    struct position position = {0};
    bool is_sound = json_is_object(object) && unpack(object, intent_id, &position);

    json_decref(object);
    if (is_sound)
        *ret_position = position;
    return is_sound;
}

/* --- an exit that was handed over */

char *handed_exit_write(const struct order *order, const struct position *positions, size_t count)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(ids, json_string(positions[i].intent_id));
    json_t *kept = json_pack("{s:s, s:s, s:s, s:o}", "symbol", order->symbol, "decision_id",
                             order->decision_id, "signal_id", order->signal_id, "closes", ids);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    json_decref(kept);
    assert(text && "our own texts are ASCII and memory never fails");
    return text;
}

static bool take_ids(const json_t *ids, struct handed_exit *handed)
{
    size_t count = json_array_size(ids);

    handed->closes = memory_array(count + 1, sizeof *handed->closes);
    for (; handed->count < count; handed->count++) {
        const char *id = json_string_value(json_array_get(ids, handed->count));
        if (!id || !take_text(id, handed->closes[handed->count], sizeof *handed->closes))
            return false;
    }
    return true;
}

bool handed_exit_read(const char *text, size_t length, struct handed_exit *ret_handed)
{
    struct handed_exit handed = {.count = 0};
    const char *symbol, *decision_id, *signal_id;
    json_t *ids, *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    bool is_sound = json_unpack(object, "{s:s, s:s, s:s, s:o}", "symbol", &symbol, "decision_id",
                                &decision_id, "signal_id", &signal_id, "closes", &ids) == 0 &&
                    json_is_array(ids) && take_text(symbol, handed.symbol, sizeof handed.symbol) &&
                    take_text(decision_id, handed.decision_id, sizeof handed.decision_id) &&
                    take_text(signal_id, handed.signal_id, sizeof handed.signal_id) &&
                    take_ids(ids, &handed);

    json_decref(object);
    if (is_sound)
        *ret_handed = handed;
    else
        handed_exit_release(&handed);
    return is_sound;
}

void handed_exit_release(struct handed_exit *handed)
{
    free(handed->closes);
    handed->closes = NULL;
    handed->count = 0;
}

double position_cost_bps(const struct fill_rules *rules)
{
    return 2 * (100 * rules->fee_pct + rules->slippage_bps);
}
