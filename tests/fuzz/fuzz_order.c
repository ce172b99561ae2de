/* SPDX-License-Identifier: MIT */
/*
 * What the executor reads: whatever an entry holds, an order that comes of it keeps its promises,
 * reads the same again, and makes a position that can be read back.
 */
#include <stdlib.h>
#include <string.h>

#include "common/trade/order.h"
#include "executor/decide/position.h"
#include "tests/fuzz/entry_input.h"
#include "tests/fuzz/oracle_reading.h"
#include "tests/fuzz/target.h"

static void check_text(const char *text, size_t room)
{
    MUST(memchr(text, '\0', room) != NULL);
    for (const char *c = text; *c; c++)
        MUST(*c >= 0x20 && *c <= 0x7e);
}

static void check_texts(const struct order *order)
{
    check_text(order->symbol, sizeof order->symbol);
    check_text(order->decision_id, sizeof order->decision_id);
    check_text(order->signal_id, sizeof order->signal_id);
}

static void check_order(const struct order *order)
{
    MUST(!order->has_no_action);
    MUST(strlen(order->symbol) >= 3 && order->decision_id[0]);
    MUST(order->size_usd > 0 || (order->closes && order->size_usd == 0));
    MUST(order->leverage >= 1 && order->quantity >= 0);
    MUST(order->entry_price >= 0 && order->stop_loss >= 0 && order->take_profit >= 0);
    MUST(order->size_usd <= 1e15 && order->leverage <= 1e15 && order->quantity <= 1e15);
    MUST(order->entry_price <= 1e15 && order->stop_loss <= 1e15 && order->take_profit <= 1e15);
}

/* Nothing that means an exit opens, whatever else it says; and the other way round. */
static void check_direction(const struct entry *entry, const struct order *order)
{
    struct reading reading;
    bool is_broken;

    MUST(reading_open(entry, &reading, &is_broken) == RULE_NONE);
    const char *side = reading_side(&reading);
    MUST(side && strcmp(side, order_action(order)) == 0);
    reading_close(&reading);
}

static void check_position(const struct order *order)
{
    static const struct fill_rules rules = {.slippage_bps = 1, .fee_pct = 0.04, .hold_ms = 900000};
    struct position position, read;

    if (!(order->entry_price > 0))
        return;
    position_open(order, &rules, order->entry_price, 1768824003000, &position);
    char *text = position_write(&position);
    MUST(position_read(position.intent_id, text, strlen(text), &read));
    MUST(strcmp(read.symbol, position.symbol) == 0 && read.side == position.side);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct entry_input input;
    struct order order, again;

    if (!entry_input_read((const char *)bytes, length, &input))
        return 0;
    enum rule rule = order_read(&input.entry, &order);
    MUST(rule == order_read(&input.entry, &again));
    check_texts(&order);
    if (rule != RULE_NONE)
        return 0;
    MUST(order.timestamp_ms == again.timestamp_ms && order.size_usd == again.size_usd);
    check_order(&order);
    check_direction(&input.entry, &order);
    check_position(&order);
    return 0;
}
