/* SPDX-License-Identifier: MIT */
/*
 * What an intent asks for, as the executor understands it: read from an entry of the intent stream
 * in any of its wire forms, ours or an older publisher's, and checked once, at the door. From here
 * on it is an order, also where it is handed over to a venue; `struct intent` is what the router
 * writes.
 *
 * Behind it every number is in range and every text bounded. Required are the symbol, what to do,
 * and the size unless it closes; what is absent is 0. An opening with an unsound number is refused;
 * of an exit that number is left out, as if it were absent, and so is a time. A plain value. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/trade/rule.h"
#include "common/trade/signal.h"

struct order {
    struct stream_id id; /* of the intent's entry */
    char symbol[SYMBOL_MAX + 1];
    bool has_no_action;   /* it breaks a rule, and what to do could not be read */
    bool closes;          /* an exit: whatever is open in its symbol */
    bool closes_one_side; /* CLOSE_LONG, CLOSE_SHORT: only what is open on `side` */
    enum side side;       /* of what is opened, or of what alone is closed */
    double size_usd;
    double leverage; /* 1 when absent */
    double quantity;
    double entry_price;
    double stop_loss;
    double take_profit;
    int64_t timestamp_ms;                  /* its own, or else the entry's */
    char decision_id[DECISION_ID_MAX + 1]; /* by which it is executed once at most */
    char signal_id[DECISION_ID_MAX + 1];   /* empty: it has none */
};

/* RULE_NONE, or the first rule that the entry breaks: then the order is not to be acted on, and
 * holds what of symbol, action, size and ids could be read, so that people find it again. */
enum rule order_read(const struct entry *entry, struct order *ret_order)
    __attribute__((warn_unused_result));

/* Whether it is for a position of this side, of those that are open in its symbol. */
bool order_concerns(const struct order *order, enum side side);

/* "BUY", "SELL", "CLOSE"; empty when it could not be read. */
const char *order_action(const struct order *order);
