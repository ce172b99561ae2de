/* SPDX-License-Identifier: MIT */
/*
 * What the venue answers to an order. The paper venue fills at the intent's own price, or else at
 * the last one (or the other way round), moved against us a little; without a price it rejects, and
 * a last price that cannot be read is a failure of its feed. The stream venue hands the order over
 * as it is. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/decide/position.h"
#include "executor/decide/result.h"

enum venue_kind { VENUE_SAFE_DRAIN, VENUE_PAPER, VENUE_STREAM };

/* Which venue it is, and what a fill on paper costs. */
struct venue_rules {
    enum venue_kind kind;
    struct fill_rules fill;
    bool prefers_last; /* to an opening's own price, where the last one is known */
};

/* What is known of a symbol. */
struct market {
    double price;                     /* the last one; 0: not known */
    bool price_is_bad;                /* there is one that cannot be read */
    const struct position *positions; /* that are open */
    size_t position_count;
};

enum venue_says { VENUE_DOES, VENUE_REJECTS, VENUE_FAILS };

struct venue_answer {
    enum venue_says says;
    enum outcome outcome;     /* DOES and REJECTS */
    const char *why;          /* FAILS */
    struct position position; /* DOES, of an opening: what comes of it, or what was asked for */
    struct result result;     /* DOES: of several that are closed, told together */
};

/* The position is opened; or all that is open in the symbol is closed. The texts of the result are
 * those of the order and the market. */
struct venue_answer venue_ask(const struct venue_rules *rules, const struct order *order,
                              const struct market *market, int64_t now_ms);

/* The result of a position that closes by itself at this market price (0: nobody knows it). */
struct result venue_exit(const struct venue_rules *rules, const struct position *position,
                         double price, int64_t now_ms);
