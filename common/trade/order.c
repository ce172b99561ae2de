/* SPDX-License-Identifier: MIT */
#include "common/trade/order.h"

#include <string.h>

#include "common/trade/decision_id.h"
#include "common/trade/direction.h"
#include "common/trade/fields.h"
#include "common/trade/terms.h"

static bool is_absent(const struct value *value)
{
    return value->kind == VALUE_ABSENT || value->kind == VALUE_NULL;
}

/* Of a part nobody here knows how much it is; to close all of it would be as wrong as nothing. */
static enum rule read_action(const struct fields *fields, struct order *order)
{
    struct direction direction;

    if (!direction_read(fields, &direction) || direction.intention == INTENT_HOLD)
        return RULE_ACTION;
    order->has_no_action = false;
    order->closes = direction.intention == INTENT_CLOSE;
    order->closes_one_side = order->closes && direction.of_long != direction.of_short;
    order->side =
        direction.intention == INTENT_SELL || (order->closes_one_side && direction.of_short)
            ? SIDE_SELL
            : SIDE_BUY;
    return direction.is_partial ? RULE_PARTIAL_CLOSE : RULE_NONE;
}

/* Absent and null leave the number as it was. */
static bool read_number(const struct fields *fields, const char *name, double least, double most,
                        double *number)
{
    struct value value = fields_get(fields, name);
    double read;

    if (is_absent(&value))
        return true;
    if (!value_number(&value, &read) || !(read >= least && read <= most))
        return false;
    *number = read;
    return true;
}

/* What a signal carries through. A word of a number that is none is not there. */
static bool read_carried(const struct fields *fields, const char *name, double least,
                         double *number)
{
    return fields_get(fields, name).kind == VALUE_WORD ||
           read_number(fields, name, least, TERMS_NUMBER_MAX, number);
}

static bool read_prices(const struct fields *fields, struct order *order)
{
    static const char *const unused[] = {"stop_loss_pct", "take_profit_pct", "trail_percent"};
    double ignored;

    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        if (!read_carried(fields, unused[i], -TERMS_NUMBER_MAX, &ignored))
            return false;
    return read_carried(fields, "entry_price", 0, &order->entry_price) &&
           read_carried(fields, "stop_loss", 0, &order->stop_loss) &&
           read_carried(fields, "take_profit", 0, &order->take_profit) &&
           read_carried(fields, "quantity", 0, &order->quantity);
}

static enum rule read_numbers(const struct fields *fields, struct order *order)
{
    double confidence = 0;

    order->leverage = 1;
    if (!read_number(fields, "position_size_usd", 0, TERMS_NUMBER_MAX, &order->size_usd) ||
        !(order->size_usd > 0 || order->closes))
        return RULE_SIZE;
    if (!read_number(fields, "leverage", 1, TERMS_NUMBER_MAX, &order->leverage))
        return RULE_LEVERAGE;
    if (!read_number(fields, "confidence", 0, 1, &confidence))
        return RULE_CONFIDENCE;
    return read_prices(fields, order) ? RULE_NONE : RULE_NUMBER;
}

/* Its own, or else the entry's. */
static bool read_timestamp(const struct fields *fields, int64_t *ret_ms)
{
    struct value value = fields_get(fields, "timestamp");

    if (!is_absent(&value) && value.kind != VALUE_WORD)
        return terms_read_moment(fields, ret_ms);
    *ret_ms = terms_born_ms(fields->entry);
    return true;
}

static void read_ids(const struct fields *fields, struct order *order)
{
    if (!decision_id_take(fields_get(fields, "signal_id"), order->signal_id))
        order->signal_id[0] = '\0';
    if (decision_id_take(fields_get(fields, "decision_id"), order->decision_id) ||
        decision_id_said(fields, order->decision_id))
        return;
    if (order->signal_id[0])
        memcpy(order->decision_id, order->signal_id, sizeof order->decision_id);
    else
        stream_id_print(fields->entry->id, order->decision_id);
}

/* All that can be read is, also behind the first rule that is broken. */
static enum rule read_fields(const struct fields *fields, struct order *order)
{
    bool has_symbol = terms_read_symbol(fields, order->symbol);
    enum rule action = read_action(fields, order);
    enum rule numbers = read_numbers(fields, order);

    read_ids(fields, order);
    if (!has_symbol)
        return RULE_SYMBOL;
    if (action != RULE_NONE)
        return action;
    if (numbers != RULE_NONE)
        return numbers;
    return read_timestamp(fields, &order->timestamp_ms) ? RULE_NONE : RULE_TIMESTAMP;
}

enum rule order_read(const struct entry *entry, struct order *ret_order)
{
    struct fields fields;
    enum rule rule = fields_open(entry, &fields);

    *ret_order = (struct order){.id = entry->id, .has_no_action = true, .leverage = 1};
    if (rule != RULE_NONE)
        return rule;
    rule = read_fields(&fields, ret_order);
    fields_close(&fields);
    return rule;
}

bool order_concerns(const struct order *order, enum side side)
{
    return !order->closes_one_side || side == order->side;
}

const char *order_action(const struct order *order)
{
    if (order->has_no_action)
        return "";
    return order->closes ? "CLOSE" : side_name(order->side);
}
