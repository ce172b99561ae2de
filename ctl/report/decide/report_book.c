/* SPDX-License-Identifier: MIT */
#include "ctl/report/decide/report_book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

enum { SIDES = 2, SIDE_UNKNOWN = SIDES, RANKS_MAX = 100 };

/* What is published is estimated at the last of the horizons, where nothing real is known. */
enum { TRADE_HORIZON = ESTIMATE_HORIZONS - 1 };

/* A tag is a fate, or behind them a trade. */
#define TAG_OF_TRADE(place) (FATE_COUNT + (place))

/* --- estimates */

static void settle_trade(struct report_book *book, size_t place, enum estimated how, double bps)
{
    struct trade *trade = &book->trades.trades[place];

    trade->has_estimate = how == ESTIMATED_KNOWN;
    trade->estimate_bps = bps;
}

static void settle(void *owner, const struct estimate *estimate, enum estimated how, double bps)
{
    struct report_book *book = owner;

    if (estimate->tag >= FATE_COUNT) {
        settle_trade(book, estimate->tag - FATE_COUNT, how, bps);
        return;
    }
    struct veto *veto = &book->vetoes[estimate->tag][estimate->horizon];
    veto->known += how == ESTIMATED_KNOWN;
    veto->unknown += how == ESTIMATED_UNKNOWN;
    if (how == ESTIMATED_KNOWN)
        samples_add(&veto->samples, estimate->at_ms, 0, bps, 1);
}

static int64_t *begun_at(struct report_book *book, const struct estimate *estimate)
{
    size_t row = estimate->tag * ESTIMATE_HORIZONS + estimate->horizon;

    return &book->begun_ms[(row * PRICE_SYMBOLS_MAX + estimate->symbol) * SIDES +
                           (size_t)estimate->side];
}

/* One at a time; a clock may have been set between two. */
static void follow_fate(struct report_book *book, struct estimate estimate)
{
    struct veto *veto = &book->vetoes[estimate.tag][estimate.horizon];

    if (estimate.symbol == PRICE_SYMBOL_NONE) {
        veto->unknown++;
        return;
    }
    int64_t *begun_ms = begun_at(book, &estimate);
    if (llabs(estimate.at_ms - *begun_ms) < estimate_horizons_ms[estimate.horizon]) {
        veto->overlapping++;
        return;
    }
    *begun_ms = estimate.at_ms;
    estimates_open(&book->estimates, &estimate);
}

static void follow(struct report_book *book, const struct signal *signal, size_t symbol,
                   enum fate fate, int64_t at_ms)
{
    for (size_t horizon = 0; horizon < ESTIMATE_HORIZONS; horizon++)
        follow_fate(book, (struct estimate){.at_ms = at_ms,
                                            .symbol = symbol,
                                            .side = signal->side,
                                            .horizon = horizon,
                                            .tag = fate});
}

/* --- records */

static void publish(struct report_book *book, const struct recorded *recorded, size_t row,
                    size_t symbol)
{
    struct trade trade;

    if (!trade_read(recorded, row, symbol, &trade))
        return;
    size_t place = trade_book_publish(&book->trades, &trade);
    if (place == SIZE_MAX)
        return;
    const struct estimate estimate = {.at_ms = trade.at_ms,
                                      .symbol = symbol,
                                      .side = trade.side,
                                      .horizon = TRADE_HORIZON,
                                      .tag = TAG_OF_TRADE(place)};
    estimates_open(&book->estimates, &estimate);
}

static void take_row(struct report_book *book, const struct recorded *recorded, size_t row)
{
    const struct signal *signal = recorded->window.candidates[row].signal;
    enum fate fate = recorded->verdicts[row].fate;
    size_t symbol = price_book_symbol(&book->prices, signal->symbol);

    if (fate == FATE_PUBLISHED)
        publish(book, recorded, row, symbol);
    if (fate_is_weighed(fate))
        follow(book, signal, symbol, fate, recorded->snapshot.now_ms);
}

/* Rows are by rank: the last one that was published is the cut. */
static void take_cut(struct report_book *book, const struct recorded *recorded)
{
    for (size_t row = recorded->window.count; row > 0; row--)
        if (recorded->verdicts[row - 1].fate == FATE_PUBLISHED) {
            cuts_add(&book->cuts, recorded->snapshot.now_ms, recorded->scores[row - 1]);
            return;
        }
}

static void take_quiet(struct report_book *book, struct recorded_text words)
{
    struct recorded_text name, value;
    size_t at = 0;
    int64_t count;

    while (recorded_next_word(words, &at, &name, &value))
        for (enum quiet quiet = 0; quiet < QUIET_COUNT; quiet++)
            if (recorded_is(name, quiet_name(quiet)) &&
                recorded_count(value, 0, RECORDED_COUNT_MAX, &count))
                book->quiet[quiet] += (uint64_t)count;
}

void report_book_record(struct report_book *book, const struct recorded *recorded)
{
    if (recorded->state != RECORDED_READ) {
        book->unread++;
        return;
    }
    book->records++;
    book->states[recorded->allowance.state]++;
    tally_add(&book->tally, &recorded->tally);
    tally_add(&book->drops, &recorded->drops);
    take_quiet(book, recorded->quiet);
    if (book->first_ms == 0)
        book->first_ms = recorded->snapshot.now_ms;
    book->last_ms = recorded->snapshot.now_ms;
    for (size_t row = 0; row < recorded->window.count; row++)
        take_row(book, recorded, row);
    take_cut(book, recorded);
}

/* --- results and prices */

void report_book_result(struct report_book *book, const struct entry *entry)
{
    trade_book_result(&book->trades, entry);
}

void report_book_price(struct report_book *book, int64_t at_ms, const char *symbol, double price)
{
    if (at_ms != book->prices_ms)
        estimates_advance(&book->estimates, at_ms);
    book->prices_ms = at_ms;
    price_book_note(&book->prices, price_book_symbol(&book->prices, symbol), at_ms, price);
}

/* --- closed */

static void add_profit(struct profit_row *row, const struct closing *closing)
{
    row->closed++;
    row->unknown += !closing->has_profit;
    row->won += closing->has_profit && closing->profit_usd > 0;
    row->profit_usd += closing->has_profit ? closing->profit_usd : 0;
}

static struct profit_row *day_of(struct report_book *book, int64_t at_ms)
{
    int64_t day = at_ms / CALENDAR_MS_PER_DAY;
    size_t at = book->day_count;

    while (at > 0 && book->days[at - 1].day > day)
        at--;
    if (at > 0 && book->days[at - 1].day == day)
        return &book->days[at - 1];
    if (book->day_count == book->day_room) {
        book->day_room = book->day_room ? 2 * book->day_room : 32;
        book->days = memory_resize(book->days, book->day_room, sizeof *book->days);
    }
    memmove(&book->days[at + 1], &book->days[at], (book->day_count++ - at) * sizeof *book->days);
    book->days[at] = (struct profit_row){.day = day};
    return &book->days[at];
}

static void add_closing(struct report_book *book, const struct closing *closing)
{
    size_t symbol = closing->symbol == PRICE_SYMBOL_NONE ? PRICE_SYMBOLS_MAX : closing->symbol;
    size_t rank = closing->rank < RANKS_MAX ? closing->rank : 0;

    add_profit(&book->total, closing);
    add_profit(day_of(book, closing->at_ms), closing);
    add_profit(&book->symbols[symbol], closing);
    add_profit(&book->sides[closing->side < 0 ? SIDE_UNKNOWN : closing->side], closing);
    add_profit(&book->ranks[rank], closing);
    if (book->rank_count <= rank)
        book->rank_count = rank + 1;
}

/* Points of a hundred by which a trade was right more than it was said to be. */
static void ask_trade(struct report_book *book, const struct trade *trade)
{
    bool is_hit = trade->profit_usd > 0;
    double bps = trade_bps(trade);

    if (trade->rank == 1 || trade->rank == 2)
        samples_add(&book->questions[QUESTION_RANKS], trade->at_ms, trade->rank - 1, bps, 1);
    samples_add(&book->questions[QUESTION_BOOSTS], trade->at_ms, 0, bps * trade->size_usd,
                trade->size_usd);
    samples_add(&book->questions[QUESTION_BOOSTS], trade->at_ms, 1, bps * trade->base_usd,
                trade->base_usd);
    samples_add(&book->questions[QUESTION_CONFIDENCE], trade->at_ms, 0,
                100 * ((is_hit ? 1 : 0) - trade->confidence), 1);
}

static void add_trade(struct report_book *book, const struct trade *trade)
{
    book->ends[trade->end]++;
    book->outcomes[trade_outcome(trade)]++;
    book->executed += trade->end == TRADE_OPEN || trade->end == TRADE_CLOSED;
    book->won += trade->has_profit && trade->profit_usd > 0;
    if (trade->has_profit)
        ask_trade(book, trade);
}

/* From the lowest confidence there is, rounded down to a twentieth, up to 1. */
static double band_floor(const struct report_book *book)
{
    double lowest = 1;

    for (size_t i = 0; i < book->trades.count; i++)
        if (book->trades.trades[i].has_profit)
            lowest = fmin(lowest, book->trades.trades[i].confidence);
    return fmin(floor(lowest * 20 + 1e-9) / 20, 0.95);
}

static void add_to_band(struct report_book *book, const struct trade *trade, double floor_,
                        double width)
{
    size_t at = (size_t)fmax(0, (trade->confidence - floor_) / width + 1e-9);
    struct band *band = &book->bands[at < BANDS ? at : BANDS - 1];

    samples_add(&band->hits, trade->at_ms, 0, trade->profit_usd > 0 ? 1 : 0, 1);
    band->stated += trade->confidence;
}

static void fill_bands(struct report_book *book)
{
    double lowest = band_floor(book), width = (1 - lowest) / BANDS;

    for (size_t i = 0; i < BANDS; i++) {
        book->bands[i].from = lowest + (double)i * width;
        book->bands[i].to = lowest + (double)(i + 1) * width;
    }
    for (size_t i = 0; i < book->trades.count; i++)
        if (book->trades.trades[i].has_profit)
            add_to_band(book, &book->trades.trades[i], lowest, width);
}

void report_book_close(struct report_book *book)
{
    estimates_end(&book->estimates, book->prices_ms);
    trade_book_close(&book->trades);
    for (size_t i = 0; i < book->trades.closing_count; i++)
        add_closing(book, &book->trades.closings[i]);
    for (size_t i = 0; i < book->trades.count; i++)
        add_trade(book, &book->trades.trades[i]);
    fill_bands(book);
}

/* --- read */

uint64_t report_book_read(const struct report_book *book)
{
    return tally_total(&book->tally) + tally_total(&book->drops);
}

uint64_t report_book_valid(const struct report_book *book)
{
    return report_book_read(book) - book->tally.of[FATE_INVALID] - book->drops.of[FATE_INVALID];
}

uint64_t report_book_candidates(const struct report_book *book)
{
    return tally_candidates(&book->tally) + tally_candidates(&book->drops);
}

/* Which of those that were executed are closed with a profit that is told. Those that are open may
 * be the ones that went wrong. */
static double coverage(const struct report_book *book)
{
    return book->executed > 0 ? (double)book->outcomes[TRADE_REAL] / (double)book->executed : 0;
}

/* Which of those that were executed, or whose end was told, have a profit that is known. */
static double closed_share(const struct report_book *book)
{
    double known = (double)(book->total.closed - book->total.unknown);
    double all = (double)(book->total.closed + book->ends[TRADE_OPEN]);

    return all > 0 ? known / all : 0;
}

struct answer report_book_day(const struct report_book *book)
{
    struct samples samples = {0};

    for (size_t i = 0; i < book->day_count; i++) {
        const struct profit_row *row = &book->days[i];
        samples_add(&samples, row->day * CALENDAR_MS_PER_DAY, 0, row->profit_usd, 1);
        samples.days[i].sides[0].trades = row->closed;
    }
    const struct figure figure = {&samples, false, closed_share(book), 1};
    struct answer answer = statistics_ask(&figure);
    samples_release(&samples);
    return answer;
}

struct answer report_book_ask(const struct report_book *book, enum report_question question)
{
    const struct figure figure = {
        .samples = &book->questions[question],
        .is_compared = question != QUESTION_CONFIDENCE,
        .coverage = coverage(book),
        .variants = QUESTIONS,
    };

    return statistics_ask(&figure);
}

static size_t bands_of(const struct report_book *book)
{
    size_t count = 0;

    for (size_t i = 0; i < BANDS; i++)
        count += book->bands[i].hits.count > 0;
    return count;
}

struct answer report_book_band(const struct report_book *book, size_t band)
{
    const struct figure figure = {&book->bands[band].hits, false, coverage(book), bands_of(book)};
    struct answer answer = statistics_ask(&figure);

    answer.low = fmax(answer.low, 0);
    answer.high = fmin(answer.high, 1);
    answer.has_interval = answer.has_interval && answer.trades[0] >= STATISTICS_TRADES_MIN &&
                          answer.high > answer.low;
    return answer;
}

bool report_book_has_veto(const struct report_book *book, enum fate fate)
{
    return fate != FATE_PUBLISHED &&
           book->vetoes[fate][0].known + book->vetoes[fate][0].unknown > 0;
}

/* Each is a variant of one call. */
static size_t vetoes_of(const struct report_book *book)
{
    size_t count = 0;

    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        count += report_book_has_veto(book, fate);
    return count;
}

bool report_book_has_vetoes(const struct report_book *book)
{
    return vetoes_of(book) > 0;
}

static double veto_coverage(const struct veto *veto)
{
    uint64_t all = veto->known + veto->unknown;

    return all > 0 ? (double)veto->known / (double)all : 0;
}

struct answer report_book_veto(const struct report_book *book, enum fate fate, size_t horizon)
{
    const struct veto *refused = &book->vetoes[fate][horizon];
    const struct veto *passed = &book->vetoes[FATE_PUBLISHED][horizon];
    struct samples both = {0};

    samples_take(&both, 0, &passed->samples);
    samples_take(&both, 1, &refused->samples);
    const struct figure figure = {
        .samples = &both,
        .is_compared = true,
        .coverage = fmin(veto_coverage(refused), veto_coverage(passed)),
        .variants = vetoes_of(book) * ESTIMATE_HORIZONS,
    };
    struct answer answer = statistics_ask(&figure);
    samples_release(&both);
    return answer;
}

bool veto_mean(const struct veto *veto, double *ret_bps)
{
    double over = 0, under = 0;

    for (size_t i = 0; i < veto->samples.count; i++) {
        over += veto->samples.days[i].sides[0].over;
        under += veto->samples.days[i].sides[0].under;
    }
    if (!(under > 0))
        return false;
    *ret_bps = over / under;
    return true;
}

void report_book_init(struct report_book *book, double cost_bps)
{
    *book = (struct report_book){0};
    price_book_init(&book->prices);
    trade_book_init(&book->trades, &book->prices);
    book->estimates = (struct estimates){
        .prices = &book->prices, .cost_bps = cost_bps, .settle = settle, .owner = book};
    book->begun_ms = memory_array(
        (size_t)FATE_COUNT * ESTIMATE_HORIZONS * PRICE_SYMBOLS_MAX * SIDES, sizeof *book->begun_ms);
    book->symbols = memory_array(PRICE_SYMBOLS_MAX + 1, sizeof *book->symbols);
    book->ranks = memory_array(RANKS_MAX, sizeof *book->ranks);
}

static void release_samples(struct report_book *book)
{
    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        for (size_t horizon = 0; horizon < ESTIMATE_HORIZONS; horizon++)
            samples_release(&book->vetoes[fate][horizon].samples);
    for (size_t i = 0; i < QUESTIONS; i++)
        samples_release(&book->questions[i]);
    for (size_t i = 0; i < BANDS; i++)
        samples_release(&book->bands[i].hits);
}

void report_book_release(struct report_book *book)
{
    release_samples(book);
    estimates_release(&book->estimates);
    trade_book_release(&book->trades);
    price_book_deinit(&book->prices);
    free(book->begun_ms);
    free(book->symbols);
    free(book->ranks);
    free(book->days);
}
