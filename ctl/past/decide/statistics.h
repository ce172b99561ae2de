/* SPDX-License-Identifier: MIT */
/*
 * How sure a figure of trades is: an interval by drawing whole days again (block bootstrap), since
 * trades of one day share its market, and a verdict that is none where it must not be one.
 *
 * The drawing is the same each time: it begins with a seed that the report tells. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STATISTICS_SEED = 1,
    STATISTICS_DRAWS = 4000,
    STATISTICS_TRADES_MIN = 30, /* on each side; below that no interval means much */
    STATISTICS_DAYS_MIN = 5,    /* the same of days */
};
#define STATISTICS_COVERAGE_MIN 0.9 /* what is not known might be what matters */

/* Of one day: a figure is `over / under` of its days' sums, and where it is compared, less the same
 * of the other side. A mean has 1 for each trade under it. */
struct sample_side {
    double over, under;
    size_t trades;
};

enum { SAMPLE_SIDES = 2 };
struct sample_day {
    int64_t day;
    struct sample_side sides[SAMPLE_SIDES];
};

/* Zeroed: empty. */
struct samples {
    struct sample_day *days;
    size_t count, room;
};

/* At that moment; the side compared with is 1. */
void samples_add(struct samples *samples, int64_t at_ms, size_t side, double over, double under);

/* The other's first side is added to that side of these. */
void samples_take(struct samples *samples, size_t side, const struct samples *other);
void samples_release(struct samples *samples);

/* Why there is no verdict: the first that holds. */
enum doubt {
    DOUBT_COVERAGE,
    DOUBT_TRADES,
    DOUBT_DAYS,
    DOUBT_ZERO, /* the interval holds it */
    DOUBT_NONE, /* it is one */
};

struct figure {
    const struct samples *samples;
    bool is_compared;
    double coverage; /* share of what should be in it */
    size_t variants; /* that are asked in one call: each interval is so much wider */
};

struct answer {
    enum doubt doubt;
    bool is_known; /* there is a value, if not an interval */
    bool has_interval;
    double value, low, high; /* 95%, for all variants together */
    size_t trades[SAMPLE_SIDES];
    size_t days;
    double coverage;
};

struct answer statistics_ask(const struct figure *figure);

/* "not distinguishable: ", and why; empty where there is a verdict. */
const char *doubt_words(enum doubt doubt);

/* What a normal and a t distribution leave above them with this probability, up to 0.5. */
double normal_quantile(double above);
double t_quantile(double above, size_t degrees);
