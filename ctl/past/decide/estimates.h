/* SPDX-License-Identifier: MIT */
/*
 * What a position would have made, by the last prices at two moments: where it would have begun,
 * and so much later. Costs of both ends are taken off. A price from after a moment is never used
 * for it; where one is missing, it is not known, which is an outcome too: a symbol that ends is not
 * left out. Pure.
 */
#pragma once

#include "ctl/past/decide/price_book.h"

/* What made or lost so many times its size did not: a price or a profit of it is wrong, and one
 * such figure would outweigh all others. */
enum { SIZES_MADE_MAX = 1000 };

enum { ESTIMATE_HORIZONS = 3 };
extern const int64_t estimate_horizons_ms[ESTIMATE_HORIZONS];

struct estimate {
    int64_t at_ms;
    size_t symbol;
    enum side side;
    size_t horizon;
    size_t tag; /* the owner's */
    double entry;
};

/* One after the other is over; ordered by when they began, as they are of one length. */
struct estimate_queue {
    struct estimate *list;
    size_t first, count, room;
};

enum estimated { ESTIMATED_KNOWN, ESTIMATED_UNKNOWN, ESTIMATED_NOT_OVER };

struct estimates {
    const struct price_book *prices;
    double cost_bps; /* of both ends together */
    /* What came of one, in ten-thousandths of its size. */
    void (*settle)(void *owner, const struct estimate *estimate, enum estimated how, double bps);
    void *owner;
    struct estimate_queue queues[ESTIMATE_HORIZONS];
};

/* Moments come in order, but for a clock that is set. Where its first price is not known it is
 * settled at once. */
void estimates_open(struct estimates *estimates, const struct estimate *estimate);

/* Before prices of that moment are noted: settles what was over before it. */
void estimates_advance(struct estimates *estimates, int64_t now_ms);

/* No further prices come: what would be over by now is settled, and the rest is not over. */
void estimates_end(struct estimates *estimates, int64_t now_ms);
void estimates_release(struct estimates *estimates);
