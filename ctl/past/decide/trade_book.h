/* SPDX-License-Identifier: MIT */
/*
 * What was published, and what became of each: real where its position was closed with a profit
 * that is told, estimated where prices say what it would have made, else unknown. Results may come
 * in any order; trade_book_close() brings them together. Pure.
 */
#pragma once

#include "common/base/entry.h"
#include "ctl/past/decide/estimates.h"
#include "ctl/past/decide/id_map.h"
#include "router/decide/record_read.h"

enum trade_end {
    TRADE_WAITS,   /* no result yet */
    TRADE_REFUSED, /* it was not executed */
    TRADE_OPEN,
    TRADE_CLOSED,
};

struct trade {
    struct stream_id intent;
    uint64_t decision; /* a hash of its id */
    int64_t at_ms;
    size_t symbol;
    enum side side;
    unsigned rank;
    double confidence;
    double base_usd; /* before the boost */

    enum trade_end end;
    bool has_profit;
    double profit_usd; /* net of fees */
    double size_usd;   /* of the position that was closed */

    bool has_estimate;
    double estimate_bps;
};

enum trade_outcome { TRADE_REAL, TRADE_ESTIMATED, TRADE_UNKNOWN, TRADE_OUTCOMES };

/* A result that closes something, of any opener. */
struct closing {
    struct stream_id entry;
    int64_t at_ms;
    struct stream_id order; /* 0-0: several, or nobody says */
    uint64_t opened_by;     /* 0: nobody says */
    size_t symbol;
    int side;        /* enum side; negative: not known, or both */
    bool has_profit; /* that is possible */
    double profit_usd, size_usd;
    unsigned rank; /* of its opening; 0: not known */
};

/* One that opens or refuses. */
#define REASON_FILLED SIZE_MAX
struct answer_of_intent {
    struct stream_id intent;
    size_t reason; /* its place, or REASON_FILLED */
};

struct reason_count {
    char words[64]; /* "rejected max_open" */
    uint64_t count;
};
enum { REASONS_MAX = 64 };

struct trade_book {
    struct price_book *symbols;
    struct trade *trades;
    size_t count, room;
    struct id_map by_intent, by_decision;
    struct closing *closings;
    size_t closing_count, closing_room;
    size_t repeated; /* closings of what was closed already, which were left out */
    struct answer_of_intent *answers;
    size_t answer_count, answer_room;
    struct reason_count reasons[REASONS_MAX];
    size_t reason_count;
};

/* The symbols outlive it. */
void trade_book_init(struct trade_book *book, struct price_book *symbols);
void trade_book_release(struct trade_book *book);

/* Of a row that was published; false: its intent is not told. */
bool trade_read(const struct recorded *recorded, size_t row, size_t symbol,
                struct trade *ret_trade);

/* Its place, or SIZE_MAX where its intent is known already. */
size_t trade_book_publish(struct trade_book *book, const struct trade *trade);
void trade_book_result(struct trade_book *book, const struct entry *entry);

/* No further ones come. */
void trade_book_close(struct trade_book *book);

enum trade_outcome trade_outcome(const struct trade *trade);

/* Where it is real, in ten-thousandths of its size. */
double trade_bps(const struct trade *trade);
