/* SPDX-License-Identifier: MIT */
/*
 * A position: what is open, as it lies in Redis under its intent's id, so that a restart goes on
 * with it; and what a venue of paper would pay for it.
 *
 * position_write() and position_read() are each other's inverse. Prices that are 0 are not known.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/order.h"

struct position {
    char intent_id[STREAM_ID_TEXT_MAX];
    char symbol[SYMBOL_MAX + 1];
    enum side side;
    bool handed_over; /* to an adapter that has not said yet whether it is filled */
    double size_usd;
    double quantity;
    double price; /* that it was opened at */
    double leverage;
    double fee_usd;
    double stop_loss;
    double take_profit;
    int64_t opened_ms;
    int64_t closes_ms; /* 0: never by itself */
    char decision_id[DECISION_ID_MAX + 1];
    char signal_id[DECISION_ID_MAX + 1];
    char answered_id[STREAM_ID_TEXT_MAX]; /* of the answer that said it is filled; empty: none */
    char exit_id[STREAM_ID_TEXT_MAX];     /* of the exit that an adapter has for it; empty: none */
    int64_t exit_until_ms;                /* which must not be acted on after that */
    char closed_id[STREAM_ID_TEXT_MAX];   /* of an answer that closed it before it was told to be
                                             filled */
};

/* The costs of a simulated fill. */
struct fill_rules {
    double slippage_bps; /* the price moves against us by so many ten-thousandths */
    double fee_pct;
    int64_t hold_ms;
};

enum position_end { POSITION_STAYS, POSITION_HOLD_TIME, POSITION_STOP_LOSS, POSITION_TAKE_PROFIT };

/* The position that an order becomes when it is filled at the market price `price`. A stop or a
 * target that this very fill has reached is left out. */
void position_open(const struct order *order, const struct fill_rules *rules, double price,
                   int64_t now_ms, struct position *ret_position);

/* What closing it at this market price pays out per unit, and what it costs. */
double position_exit_price(const struct position *position, const struct fill_rules *rules,
                           double price);
double position_exit_fee(const struct position *position, const struct fill_rules *rules,
                         double exit_price);

/* What it has earned at this exit price, fees not counted. */
double position_profit(const struct position *position, double exit_price);

/* Whether it closes by itself now, and why. `price` 0: not known. */
enum position_end position_ends(const struct position *position, double price, int64_t now_ms);

/* An adapter has an exit for it that it may still act on. */
bool position_is_leaving(const struct position *position, int64_t now_ms);
void position_free_of_exit(struct position *position);

/* "hold_time", "stop_loss", "take_profit". */
const char *position_end_name(enum position_end end);

/* JSON; the caller frees it. */
char *position_write(const struct position *position);
bool position_read(const char *intent_id, const char *text, size_t length,
                   struct position *ret_position);

/* An exit that was handed over, as it is kept in Redis under its intent's id until the adapter has
 * answered it: by what it is told then, and the positions that it closes, which are those that it
 * named. */
struct handed_exit {
    char symbol[SYMBOL_MAX + 1];
    char decision_id[DECISION_ID_MAX + 1];
    char signal_id[DECISION_ID_MAX + 1];
    char (*closes)[STREAM_ID_TEXT_MAX];
    size_t count;
};

/* JSON; the caller frees it. */
char *handed_exit_write(const struct order *order, const struct position *positions, size_t count);

/* On true the caller owes handed_exit_release(). */
bool handed_exit_read(const char *text, size_t length, struct handed_exit *ret_handed);
void handed_exit_release(struct handed_exit *handed);

/* What opening and closing cost together, in ten-thousandths of the size; a percent is a hundred of
 * them. */
double position_cost_bps(const struct fill_rules *rules);
