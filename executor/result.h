/* SPDX-License-Identifier: MIT */
/*
 * What became of an intent, as an entry of the result stream. One for each intent that was not
 * stale; and one with an empty intent id for a position that closed by itself, which its decision
 * id names.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/redis/command.h"
#include "common/trade/order.h"
#include "executor/outcome.h"
#include "executor/position.h"

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
};

/* Names and values of an entry. */
enum { RESULT_ARGUMENTS = 24 };

/* The parts that the order knows; the texts live as long as it does. */
struct result result_of(const struct order *order, enum outcome outcome, int64_t ts_ms);

/* The same of a position. */
struct result result_of_position(const struct position *position, int64_t ts_ms);

void result_add(const struct result *result, struct command *command);
