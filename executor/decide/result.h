/* SPDX-License-Identifier: MIT */
/*
 * What became of an intent. One for each intent that was not stale; and one with an empty intent id
 * for a position that closed by itself, which its decision id names. Pure.
 *
 * What it tells of positions is told where it applies: of what was opened or closed. Of several
 * that are closed together, what they do not share is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/order.h"
#include "executor/decide/outcome.h"
#include "executor/decide/position.h"

struct result {
    char intent_id[STREAM_ID_TEXT_MAX]; /* empty: no intent asked for this */
    const char *signal_id;
    const char *decision_id;
    const char *symbol;
    const char *action;
    const char *status;
    const char *reason;
    double price; /* 0: there is none */
    double quantity;
    double size_usd;
    double fee_usd;
    int64_t ts_ms; /* by Redis' clock */

    /* Where they apply: empty, NULL and 0 are left out. */
    const char *side;
    char order_id[STREAM_ID_TEXT_MAX]; /* of the position */
    double entry_price;
    double position_size_usd;
    double leverage;
    bool has_profit;
    double profit_usd; /* result_round() takes off the fee of this end */
    const char *opened_by;
    const char *price_source;

    size_t closed; /* how many positions it tells to be closed */
};

/* The parts that the order knows; the texts live as long as it does. */
struct result result_of(const struct order *order, enum outcome outcome, int64_t ts_ms);

/* Of a position, whose texts these are: without a status, price or size. */
struct result result_of_position(const struct position *position, int64_t ts_ms);

/* It tells that this position was opened. */
void result_open(struct result *result, const struct position *position);

/* Of an order that opens; what only would have been opened is no position. */
struct result result_of_opening(const struct order *order, enum outcome outcome,
                                const struct position *position, int64_t ts_ms);

/* It tells that this one is closed, too, at this price (0: nobody knows it). The fee is the
 * caller's. */
void result_close(struct result *result, const struct position *position, double exit_price);

/* The last step of what closes: the profit is net of both fees, and no sum shows the noise of its
 * parts. */
void result_round(struct result *result);
