/* SPDX-License-Identifier: MIT */
/*
 * How an intent came to its end: what the desk tells, once Redis has confirmed it, and log lines
 * and counters are made of. Lives as long as the call. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/trade/order.h"
#include "executor/decide/outcome.h"

struct ending {
    const struct order *order;
    enum outcome outcome;
    enum rule rule;   /* OUTCOME_INVALID */
    int64_t begun;    /* OUTCOME_BEGUN_TOO_OFTEN: how often */
    const char *note; /* the same: the last error */
    double price;     /* 0: there is none */
    double quantity;
    double fee_usd;
    bool has_profit;
    double profit_usd;  /* net of both fees */
    int64_t positions;  /* that exist now; -1: not known */
    double seconds;     /* since it was read */
    double age_seconds; /* since it was published, by Redis' clock */
};
