/* SPDX-License-Identifier: MIT */
/*
 * A report's figures: fed with records, results and prices in the order in which they were kept,
 * then closed, and then read. What it holds is bounded by what was published, not by what was read.
 *
 * Each position that was refused is followed as if it had been opened; of one symbol, side and fate
 * one at a time, for those that overlap share one market move and are no trades of their own. Pure.
 */
#pragma once

#include "ctl/past/decide/estimates.h"
#include "ctl/past/decide/statistics.h"
#include "ctl/past/decide/trade_book.h"
#include "ctl/report/decide/cuts.h"
#include "router/decide/record.h"
#include "router/decide/record_read.h"

enum { CAPACITY_STATES = CAPACITY_OK + 1, BANDS = 10 };

/* What a fate's positions would have made until a horizon. */
struct veto {
    struct samples samples; /* in ten-thousandths, after costs */
    uint64_t known, unknown, overlapping;
};

/* A confidence that was stated, against how often it was right. */
struct band {
    double from, to;
    struct samples hits; /* of a trade one, or none */
    double stated;       /* the sum */
};

struct profit_row {
    int64_t day; /* of days */
    uint64_t closed, won, unknown;
    double profit_usd;
};

/* Whether a profit of any of them is told. */
static inline bool profit_row_is_known(const struct profit_row *row)
{
    return row->closed > row->unknown;
}

enum report_question { QUESTION_RANKS, QUESTION_BOOSTS, QUESTION_CONFIDENCE, QUESTIONS };

struct report_book {
    struct price_book prices;
    struct trade_book trades;
    struct estimates estimates;
    int64_t *begun_ms; /* the last that is followed, by fate, horizon, symbol and side */

    uint64_t records, unread;
    uint64_t states[CAPACITY_STATES];
    uint64_t quiet[QUIET_COUNT];
    struct tally tally, drops;
    int64_t first_ms, last_ms, prices_ms; /* of the records, and of the last prices; 0: none */
    struct veto vetoes[FATE_COUNT][ESTIMATE_HORIZONS];
    struct cuts cuts;

    /* When it is closed. */
    uint64_t executed, won;
    uint64_t outcomes[TRADE_OUTCOMES];
    uint64_t ends[TRADE_CLOSED + 1];
    struct samples questions[QUESTIONS];
    struct band bands[BANDS];
    struct profit_row *days;
    size_t day_count, day_room;
    struct profit_row *symbols; /* by number, and one for the others */
    struct profit_row sides[3]; /* BUY, SELL, not known */
    struct profit_row *ranks;   /* by rank; 0: not known */
    size_t rank_count;
    struct profit_row total;
};

/* Not moved afterwards. `cost_bps`: what opening and closing cost together. */
void report_book_init(struct report_book *book, double cost_bps);
void report_book_release(struct report_book *book);

void report_book_record(struct report_book *book, const struct recorded *recorded);
void report_book_result(struct report_book *book, const struct entry *entry);
void report_book_price(struct report_book *book, int64_t at_ms, const char *symbol, double price);
void report_book_close(struct report_book *book);

/* Of those that were read; candidates are what could have been published. */
uint64_t report_book_read(const struct report_book *book);
uint64_t report_book_valid(const struct report_book *book);
uint64_t report_book_candidates(const struct report_book *book);

/* What a day makes, in USD; a sum of days is as sure as their mean. */
struct answer report_book_day(const struct report_book *book);

struct answer report_book_ask(const struct report_book *book, enum report_question question);

/* The share of hits, of all bands together; where all were alike, or they are few, there is no
 * interval. */
struct answer report_book_band(const struct report_book *book, size_t band);

/* Whether something was refused so. */
bool report_book_has_veto(const struct report_book *book, enum fate fate);
bool report_book_has_vetoes(const struct report_book *book);

/* What was published until then, less what was refused by this fate. */
struct answer report_book_veto(const struct report_book *book, enum fate fate, size_t horizon);

/* In ten-thousandths; false: there is none. */
bool veto_mean(const struct veto *veto, double *ret_bps);
