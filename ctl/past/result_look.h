/* SPDX-License-Identifier: MIT */
/*
 * What became of intents: their results, and the profit of what they opened, found in one walk
 * through the results from the oldest intent on. Bounded; where it ends before all are found, what
 * is not found is not known. Owned by who asks.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/trade/signal.h"
#include "ctl/past/record_search.h"

#define RESULT_WORD_MAX 63

struct intent_result {
    struct stream_id intent_id;            /* whose it is: set by who asks */
    char decision_id[DECISION_ID_MAX + 1]; /* the same */
    bool is_there;
    char status[RESULT_WORD_MAX + 1], reason[RESULT_WORD_MAX + 1]; /* escaped */
    double size_usd, price;                                        /* 0: not known */
    bool is_closed, has_profit;
    double profit_usd; /* net of fees, of all that was closed of it */
    char closed_by[RESULT_WORD_MAX + 1];
};

/* Results that cannot be read are none. Negative: the connection broke, or the archive, which was
 * told. */
int result_look(const struct record_place *place, const char *stream, struct intent_result *list,
                size_t count) __attribute__((warn_unused_result));

/* "filled", "filled, +1.23 USD", "rejected: max_open", or empty where there is none. */
#define RESULT_TEXT_MAX 160
void result_print(const struct intent_result *result, char ret_text[static RESULT_TEXT_MAX]);

/* "status", "reason", "size_usd", "price", "closed", "closed_by", "profit_usd"; null: there is
 * none. A new reference. */
json_t *result_json(const struct intent_result *result);
