/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/decide/what_if_book.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

enum { SIDES = 2, HORIZON = ESTIMATE_HORIZONS - 1, VARIANT = 0, LIVE = 1 };

static uint64_t bit(size_t variant)
{
    return UINT64_C(1) << variant;
}

/* --- windows */

void what_if_book_pass(struct what_if_book *book)
{
    book->windows++;
}

static size_t publish(struct what_if_book *book, const struct recorded *recorded, size_t row,
                      size_t symbol)
{
    struct trade trade;

    return trade_read(recorded, row, symbol, &trade) ? trade_book_publish(&book->trades, &trade)
                                                     : SIZE_MAX;
}

static struct what_if_position *position_of(struct what_if_book *book, struct stream_id signal)
{
    size_t place;

    return book->joins && id_map_find(&book->by_signal, signal, &place) ? &book->positions[place]
                                                                        : NULL;
}

static void add_position_of(struct what_if_book *book, struct stream_id signal,
                            const struct what_if_position *position)
{
    if (book->count == book->room) {
        book->room = book->room ? 2 * book->room : 64;
        book->positions = memory_resize(book->positions, book->room, sizeof *book->positions);
    }
    if (book->joins)
        (void)id_map_add(&book->by_signal, signal, book->count);
    book->positions[book->count++] = *position;
}

/* One that a window of its own chose before it was published, or chosen. */
static void join(struct what_if_position *known, const struct what_if_position *position)
{
    known->asked |= position->asked;
    known->chosen_by |= position->chosen_by;
    if (position->trade == SIZE_MAX)
        return;
    known->trade = position->trade;
    known->at_ms = position->at_ms;
}

void what_if_book_choose(struct what_if_book *book, const struct signal *signal, int64_t at_ms,
                         size_t variant)
{
    struct what_if_position *known = position_of(book, signal->id);
    const struct what_if_position position = {
        .at_ms = at_ms,
        .symbol = price_book_symbol(&book->prices, signal->symbol),
        .side = signal->side,
        .asked = bit(variant),
        .chosen_by = bit(variant),
        .trade = SIZE_MAX,
    };

    if (known)
        join(known, &position);
    else
        add_position_of(book, signal->id, &position);
}

static void add_row(struct what_if_book *book, const struct recorded *recorded, size_t row,
                    uint64_t asked, uint64_t chosen_by)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    bool is_live = recorded->verdicts[row].fate == FATE_PUBLISHED;
    struct what_if_position position = {
        .at_ms = recorded->snapshot.now_ms,
        .symbol = price_book_symbol(&book->prices, signal->symbol),
        .side = signal->side,
        .asked = asked,
        .chosen_by = chosen_by,
        .trade = SIZE_MAX,
    };

    if (is_live)
        position.trade = publish(book, recorded, row, position.symbol);
    if (position.trade == SIZE_MAX && (is_live || !chosen_by))
        return;
    struct what_if_position *known = position_of(book, signal->id);
    if (known)
        join(known, &position);
    else
        add_position_of(book, signal->id, &position);
}

void what_if_book_window(struct what_if_book *book, const struct recorded *recorded, uint64_t asked,
                         const uint64_t *chosen_by)
{
    book->windows++;
    for (size_t i = 0; i < book->variants; i++)
        book->decided[i] += (asked & bit(i)) != 0;
    for (size_t row = 0; row < recorded->window.count; row++)
        add_row(book, recorded, row, asked, chosen_by[row]);
}

/* --- results and prices */

static int compare_moments(const void *a, const void *b)
{
    const struct what_if_position *first = a, *second = b;

    return (first->at_ms > second->at_ms) - (first->at_ms < second->at_ms);
}

/* A clock that was set back may have put them out of order. */
void what_if_book_begin(struct what_if_book *book)
{
    if (book->count > 0)
        qsort(book->positions, book->count, sizeof *book->positions, compare_moments);
}

void what_if_book_result(struct what_if_book *book, const struct entry *entry)
{
    trade_book_result(&book->trades, entry);
}

static void settle(void *owner, const struct estimate *estimate, enum estimated how, double bps)
{
    struct what_if_position *position = &((struct what_if_book *)owner)->positions[estimate->tag];

    position->has_estimate = how == ESTIMATED_KNOWN;
    position->estimate_bps = bps;
}

/* Those that began before; the prices of their moment are there by now, and none of after it. */
static void open_until(struct what_if_book *book, int64_t now_ms)
{
    for (; book->opened < book->count; book->opened++) {
        const struct what_if_position *position = &book->positions[book->opened];
        if (position->at_ms >= now_ms)
            return;
        const struct estimate estimate = {.at_ms = position->at_ms,
                                          .symbol = position->symbol,
                                          .side = position->side,
                                          .horizon = HORIZON,
                                          .tag = book->opened};
        estimates_open(&book->estimates, &estimate);
    }
}

void what_if_book_price(struct what_if_book *book, int64_t at_ms, const char *symbol, double price)
{
    if (at_ms != book->prices_ms) {
        open_until(book, at_ms);
        estimates_advance(&book->estimates, at_ms);
    }
    book->prices_ms = at_ms;
    price_book_note(&book->prices, price_book_symbol(&book->prices, symbol), at_ms, price);
}

void what_if_book_close(struct what_if_book *book)
{
    open_until(book, INT64_MAX);
    estimates_end(&book->estimates, book->prices_ms);
    trade_book_close(&book->trades);
}

/* --- asked */

static const struct trade *trade_of(const struct what_if_book *book,
                                    const struct what_if_position *position)
{
    return position->trade == SIZE_MAX ? NULL : &book->trades.trades[position->trade];
}

static enum trade_outcome outcome_of(const struct what_if_book *book,
                                     const struct what_if_position *position)
{
    const struct trade *trade = trade_of(book, position);

    if (trade && trade->has_profit)
        return TRADE_REAL;
    return position->has_estimate ? TRADE_ESTIMATED : TRADE_UNKNOWN;
}

/* What goes into a measure's figures, side by side. */
struct measured {
    struct samples hits, profit;
    uint64_t known[SIDES], all[SIDES], apart, overlapping;
    int64_t *busy_until; /* by symbol and side; NULL: what overlaps counts */
};

/* One at a time. */
static bool is_busy(struct measured *measured, const struct what_if_position *position, size_t side)
{
    if (!measured->busy_until || position->symbol == PRICE_SYMBOL_NONE)
        return false;
    int64_t *until =
        &measured->busy_until[(position->symbol * SIDES + (size_t)position->side) * SIDES + side];
    if (position->at_ms < *until)
        return true;
    *until = position->at_ms + estimate_horizons_ms[HORIZON];
    return false;
}

/* Whether it counts, with an outcome. */
static bool add_side(struct measured *measured, const struct what_if_position *position,
                     size_t side, bool is_known, double bps)
{
    if (is_busy(measured, position, side)) {
        measured->overlapping++;
        return false;
    }
    measured->all[side]++;
    measured->known[side] += is_known;
    if (!is_known)
        return false;
    samples_add(&measured->hits, position->at_ms, side, bps > 0 ? 1 : 0, 1);
    samples_add(&measured->profit, position->at_ms, side, bps, 1);
    return true;
}

static void add_position(const struct what_if_book *book, struct measured *measured,
                         const struct what_if_position *position, size_t variant)
{
    const struct trade *trade = trade_of(book, position);
    bool is_real = trade && trade->has_profit;
    bool is_known = measured->busy_until ? position->has_estimate : is_real;
    double bps = measured->busy_until ? position->estimate_bps : is_real ? trade_bps(trade) : 0;
    bool is_own = (position->chosen_by & bit(variant)) != 0;

    bool counts = is_own && add_side(measured, position, VARIANT, is_known, bps);
    bool counted = trade && add_side(measured, position, LIVE, is_known, bps);
    measured->apart += counts != counted;
}

static double share(uint64_t of, uint64_t all)
{
    return all > 0 ? (double)of / (double)all : 0;
}

/* Two measures are asked of each variant. */
static struct answer ask(const struct what_if_book *book, const struct samples *samples,
                         bool is_compared, double coverage)
{
    const struct figure figure = {samples, is_compared, coverage,
                                  book->variants * WHAT_IF_MEASURES};

    return statistics_ask(&figure);
}

static struct answer ask_side(const struct what_if_book *book, const struct samples *samples,
                              size_t side, double coverage)
{
    struct samples own = {0};

    for (size_t i = 0; i < samples->count; i++) {
        const struct sample_day *day = &samples->days[i];
        if (day->sides[side].trades == 0)
            continue;
        samples_add(&own, day->day * CALENDAR_MS_PER_DAY, 0, day->sides[side].over,
                    day->sides[side].under);
        own.days[own.count - 1].sides[0].trades = day->sides[side].trades;
    }
    struct answer answer = ask(book, &own, false, coverage);
    samples_release(&own);
    return answer;
}

/* What both have says nothing of their difference, however much there is of it. */
static enum doubt doubt_of(const struct answer *answer, const struct measured *measured)
{
    bool has_verdict = answer->doubt == DOUBT_NONE;

    return has_verdict && measured->apart < STATISTICS_TRADES_MIN ? DOUBT_TRADES : answer->doubt;
}

static struct what_if_figure figure_of(const struct what_if_book *book,
                                       const struct measured *measured, double windows)
{
    double known = fmin(share(measured->known[VARIANT], measured->all[VARIANT]),
                        share(measured->known[LIVE], measured->all[LIVE]));
    double coverage = fmin(known, windows);
    struct what_if_figure figure = {
        .hits = ask_side(book, &measured->hits, VARIANT, coverage),
        .profit = ask_side(book, &measured->profit, VARIANT, coverage),
        .live = ask_side(book, &measured->profit, LIVE, coverage),
        .better = ask(book, &measured->profit, true, coverage),
        .overlapping = measured->overlapping,
    };

    figure.hits.low = fmax(figure.hits.low, 0);
    figure.hits.high = fmin(figure.hits.high, 1);
    figure.better.doubt = doubt_of(&figure.better, measured);
    return figure;
}

static struct what_if_figure measure(const struct what_if_book *book, size_t variant,
                                     enum what_if_measure what, double windows)
{
    struct measured measured = {0};

    if (what == WHAT_IF_ESTIMATED)
        measured.busy_until =
            memory_array((size_t)PRICE_SYMBOLS_MAX * SIDES * SIDES, sizeof *measured.busy_until);
    for (size_t i = 0; i < book->count; i++)
        if (book->positions[i].asked & bit(variant))
            add_position(book, &measured, &book->positions[i], variant);
    struct what_if_figure figure = figure_of(book, &measured, windows);
    samples_release(&measured.hits);
    samples_release(&measured.profit);
    free(measured.busy_until);
    return figure;
}

static void count_outcomes(const struct what_if_book *book, size_t variant,
                           struct what_if_answer *answer)
{
    for (size_t i = 0; i < book->count; i++) {
        const struct what_if_position *position = &book->positions[i];
        bool is_live = position->trade != SIZE_MAX;
        bool is_own = (position->chosen_by & bit(variant)) != 0;
        if (!(position->asked & bit(variant)) || (!is_live && !is_own))
            continue;
        enum what_if_part part = !is_own   ? WHAT_IF_ONLY_LIVE
                                 : is_live ? WHAT_IF_BOTH
                                           : WHAT_IF_ONLY_VARIANT;
        answer->of[outcome_of(book, position)][part]++;
    }
}

uint64_t what_if_part_sum(const struct what_if_answer *answer, enum what_if_part part)
{
    uint64_t sum = 0;

    for (enum trade_outcome outcome = 0; outcome < TRADE_OUTCOMES; outcome++)
        sum += answer->of[outcome][part];
    return sum;
}

/* Of all intents, of both sides. */
static double known_share(const struct what_if_answer *answer)
{
    uint64_t all = 0, unknown = 0;

    for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++) {
        all += what_if_part_sum(answer, part);
        unknown += answer->of[TRADE_UNKNOWN][part];
    }
    return share(all - unknown, all);
}

struct what_if_answer what_if_book_ask(const struct what_if_book *book, size_t variant)
{
    struct what_if_answer answer = {.windows = book->windows, .decided = book->decided[variant]};
    double windows = share(answer.decided, answer.windows);

    count_outcomes(book, variant, &answer);
    answer.coverage = fmin(windows, known_share(&answer));
    for (enum what_if_measure what = 0; what < WHAT_IF_MEASURES; what++)
        answer.figures[what] = measure(book, variant, what, windows);
    return answer;
}

void what_if_book_init(struct what_if_book *book, size_t variants, double cost_bps)
{
    *book = (struct what_if_book){.variants = variants};
    price_book_init(&book->prices);
    trade_book_init(&book->trades, &book->prices);
    book->estimates = (struct estimates){
        .prices = &book->prices, .cost_bps = cost_bps, .settle = settle, .owner = book};
}

void what_if_book_release(struct what_if_book *book)
{
    estimates_release(&book->estimates);
    trade_book_release(&book->trades);
    price_book_deinit(&book->prices);
    id_map_release(&book->by_signal);
    free(book->positions);
}
