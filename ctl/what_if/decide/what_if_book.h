/* SPDX-License-Identifier: MIT */
/*
 * What other policies would have published, beside what was: fed with decided windows, then with
 * results and prices in the order in which they were kept, then closed, and then asked.
 *
 * An intent has one outcome: real where its position was closed with a profit that is told, else
 * estimated where prices say what it would have made, else unknown. Results compare what was real
 * of both. Prices compare all that they tell of, the real among them by prices too, so that both
 * sides are measured alike; there a symbol and side counts once at a time, since what overlaps is
 * one move of the market. The two are never put together. Pure.
 */
#pragma once

#include "ctl/past/decide/estimates.h"
#include "ctl/past/decide/statistics.h"
#include "ctl/past/decide/trade_book.h"
#include "router/decide/record_read.h"

enum { WHAT_IF_VARIANTS_MAX = 64 };

/* An intent of somebody's. */
struct what_if_position {
    int64_t at_ms;
    size_t symbol;
    enum side side;
    uint64_t asked, chosen_by; /* a bit for each variant: that decided its window, that chose it */
    size_t trade;              /* SIZE_MAX: nobody published it */
    bool has_estimate;
    double estimate_bps;
};

struct what_if_book {
    size_t variants;
    struct price_book prices;
    struct trade_book trades;
    struct estimates estimates;
    struct what_if_position *positions;
    size_t count, room;
    bool joins;              /* windows of their own choose, too */
    struct id_map by_signal; /* its positions, then */
    size_t opened;           /* of the positions: their first price was looked for */
    int64_t prices_ms;       /* of the last prices; 0: none */
    uint64_t windows;
    uint64_t decided[WHAT_IF_VARIANTS_MAX];
};

/* Not moved afterwards. `cost_bps`: what opening and closing cost together. */
void what_if_book_init(struct what_if_book *book, size_t variants, double cost_bps);
void what_if_book_release(struct what_if_book *book);

/* A window that nobody decided again. */
void what_if_book_pass(struct what_if_book *book);

/* What was published of one; its row's place, SIZE_MAX: it cannot be told. */
void what_if_book_window(struct what_if_book *book, const struct recorded *recorded, uint64_t asked,
                         const uint64_t *chosen_by);

/* A policy chose this at that moment, in a window that is not a recorded one. What was published of
 * the same signal is one intent with it. Only of a book that joins. */
void what_if_book_choose(struct what_if_book *book, const struct signal *signal, int64_t at_ms,
                         size_t variant);

/* No further windows come. */
void what_if_book_begin(struct what_if_book *book);
void what_if_book_result(struct what_if_book *book, const struct entry *entry);
void what_if_book_price(struct what_if_book *book, int64_t at_ms, const char *symbol, double price);
void what_if_book_close(struct what_if_book *book);

/* --- asked */

enum what_if_part { WHAT_IF_BOTH, WHAT_IF_ONLY_LIVE, WHAT_IF_ONLY_VARIANT, WHAT_IF_PARTS };

/* By results, or by prices. */
enum what_if_measure { WHAT_IF_REAL, WHAT_IF_ESTIMATED, WHAT_IF_MEASURES };

struct what_if_figure {
    struct answer hits;   /* the share in profit, the variant's */
    struct answer profit; /* in ten-thousandths of a trade's size, the variant's */
    struct answer live;   /* the same of what was */
    struct answer better; /* the variant's less what was, and the verdict */
    uint64_t overlapping; /* of both sides, which are not in it */
};

struct what_if_answer {
    uint64_t windows, decided;
    uint64_t of[TRADE_OUTCOMES][WHAT_IF_PARTS]; /* intents; they add up */
    double coverage;                            /* the lesser share: windows, or intents */
    struct what_if_figure figures[WHAT_IF_MEASURES];
};

struct what_if_answer what_if_book_ask(const struct what_if_book *book, size_t variant);

/* Of its outcomes, of one part. */
uint64_t what_if_part_sum(const struct what_if_answer *answer, enum what_if_part part);
