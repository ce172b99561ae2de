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

/* A stop or a target that no market comes to, as engines work it out, is none: no reason to refuse
 * the order. */
static double level(double read)
{
    return read > 0 ? read : 0;
}

/* Each is read, whatever is wrong with those before it. */
static bool read_prices(const struct fields *fields, struct order *order)
{
    const struct {
        const char *name;
        double least;
        double *number;
    } carried[] = {
        {"entry_price", 0, &order->entry_price},
        {"stop_loss", -TERMS_NUMBER_MAX, &order->stop_loss},
        {"take_profit", -TERMS_NUMBER_MAX, &order->take_profit},
        {"quantity", 0, &order->quantity},
        {"stop_loss_pct", -TERMS_NUMBER_MAX, &(double){0}},
        {"take_profit_pct", -TERMS_NUMBER_MAX, &(double){0}},
        {"trail_percent", -TERMS_NUMBER_MAX, &(double){0}},
    };
    bool are_sound = true;

    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
        if (!read_carried(fields, carried[i].name, carried[i].least, carried[i].number))
            are_sound = false;
    order->stop_loss = level(order->stop_loss);
    order->take_profit = level(order->take_profit);
    return are_sound;
}

/* An exit depends on none of them: what is unsound is left out, for to lose the exit costs more. */
static enum rule read_numbers(const struct fields *fields, struct order *order)
{
    double confidence = 0;

    order->leverage = 1;
    bool has_size = read_number(fields, "position_size_usd", 0, TERMS_NUMBER_MAX, &order->size_usd);
    bool has_leverage = read_number(fields, "leverage", 1, TERMS_NUMBER_MAX, &order->leverage);
    bool has_confidence = read_number(fields, "confidence", 0, 1, &confidence);
    bool has_prices = read_prices(fields, order);

    if (order->closes)
        return RULE_NONE;
    if (!has_size || !(order->size_usd > 0))
        return RULE_SIZE;
    if (!has_leverage)
        return RULE_LEVERAGE;
    if (!has_confidence)
        return RULE_CONFIDENCE;
    return has_prices ? RULE_NONE : RULE_NUMBER;
}

/* Its own, or else the entry's. Of an exit one that is no time counts as none. */
static bool read_timestamp(const struct fields *fields, struct order *order)
{
    struct value value = fields_get(fields, "timestamp");
    bool has_own = !is_absent(&value) && value.kind != VALUE_WORD;

    if (has_own && terms_read_moment(fields, &order->timestamp_ms) &&
        !(order->closes && order->timestamp_ms < TERMS_MOMENT_MIN_MS))
        return true;
    order->timestamp_ms = terms_born_ms(fields->entry);
    return !has_own || order->closes;
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
    return read_timestamp(fields, order) ? RULE_NONE : RULE_TIMESTAMP;
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
