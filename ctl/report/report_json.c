/* SPDX-License-Identifier: MIT */
#include "ctl/report/report.h"

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/number.h"
#include "ctl/frame/document.h"
#include "ctl/past/answer_json.h"

static json_t *count_of(uint64_t count)
{
    return json_integer((json_int_t)count);
}

/* --- counts by name */

static json_t *states_json(const struct report_book *book)
{
    json_t *object = json_object();

    for (enum capacity_state state = 0; state <= CAPACITY_OK; state++)
        document_put(object, record_state_name(state), count_of(book->states[state]));
    for (enum quiet quiet = 0; quiet < QUIET_COUNT; quiet++)
        document_put(object, quiet_name(quiet), count_of(book->quiet[quiet]));
    return object;
}

static json_t *fates_json(const struct report_book *book)
{
    json_t *object = json_object();

    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        document_put(object, fate_name(fate),
                     count_of(book->tally.of[fate] + book->drops.of[fate]));
    return object;
}

static json_t *reasons_json(const struct trade_book *book)
{
    json_t *object = json_object();

    for (size_t i = 0; i < book->reason_count; i++) {
        const char *words = book->reasons[i].words;
        document_put(object, escaped(words).text, count_of(book->reasons[i].count));
    }
    return object;
}

/* --- profit */

static json_t *row_json(const char *name, const struct profit_row *row)
{
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:o}", "closed", (json_int_t)row->closed, "won", (json_int_t)row->won,
        "unknown", (json_int_t)row->unknown, "profit_usd",
        profit_row_is_known(row) ? json_real(number_round(row->profit_usd, 2)) : json_null());

    if (name)
        document_put(object, "name", json_string(name));
    return object;
}

static json_t *days_json(const struct report_book *book)
{
    json_t *list = json_array();

    for (size_t i = 0; i < book->day_count; i++) {
        char day[CALENDAR_DAY_MAX];
        calendar_day(book->days[i].day * CALENDAR_MS_PER_DAY, day);
        (void)json_array_append_new(list, row_json(day, &book->days[i]));
    }
    return list;
}

static json_t *symbols_json(const struct report_book *book)
{
    json_t *list = json_array();

    for (size_t i = 0; i <= PRICE_SYMBOLS_MAX; i++)
        if (book->symbols[i].closed > 0)
            (void)json_array_append_new(
                list, row_json(price_book_name(&book->prices,
                                               i < PRICE_SYMBOLS_MAX ? i : PRICE_SYMBOL_NONE),
                               &book->symbols[i]));
    return list;
}

static json_t *sides_json(const struct report_book *book)
{
    static const char *const names[] = {"BUY", "SELL", "unknown"};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (book->sides[i].closed > 0)
            (void)json_array_append_new(list, row_json(names[i], &book->sides[i]));
    return list;
}

static json_t *ranks_json(const struct report_book *book)
{
    json_t *list = json_array();

    for (size_t i = 0; i < book->rank_count; i++) {
        char name[NUMBER_DIGITS_MAX];
        (void)number_print(i, name);
        if (book->ranks[i].closed > 0)
            (void)json_array_append_new(list, row_json(i > 0 ? name : "unknown", &book->ranks[i]));
    }
    return list;
}

static json_t *profit_json(const struct report_book *book)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "total", row_json(NULL, &book->total), "days",
                     days_json(book), "symbols", symbols_json(book), "sides", sides_json(book),
                     "ranks", ranks_json(book));
}

/* --- questions */

static json_t *questions_json(const struct report_book *book)
{
    json_t *object = json_object();

    for (enum report_question question = 0; question < QUESTIONS; question++) {
        const struct answer answer = report_book_ask(book, question);
        json_t *one = answer_json(&answer);
        document_put(one, "verdict", json_string(report_verdict(question, &answer)));
        document_put(object, report_question_name(question), one);
    }
    return object;
}

static json_t *bands_json(const struct report_book *book)
{
    json_t *list = json_array();

    for (size_t i = 0; i < BANDS; i++) {
        const struct band *band = &book->bands[i];
        const struct answer hits = report_book_band(book, i);
        double trades = (double)hits.trades[0];
        (void)json_array_append_new(
            list,
            json_pack("{s:f, s:f, s:I, s:o, s:o, s:o, s:o}", "from", number_round(band->from, 4),
                      "to", number_round(band->to, 4), "trades", (json_int_t)hits.trades[0],
                      "confidence", answer_number(band->stated / trades, hits.is_known), "hit_rate",
                      answer_number(hits.value, hits.is_known), "low",
                      answer_number(hits.low, hits.has_interval), "high",
                      answer_number(hits.high, hits.has_interval)));
    }
    return list;
}

static json_t *veto_json(const struct report_book *book, enum fate fate, size_t horizon)
{
    const struct veto *refused = &book->vetoes[fate][horizon];
    const struct veto *passed = &book->vetoes[FATE_PUBLISHED][horizon];
    const struct answer answer = report_book_veto(book, fate, horizon);
    json_t *object = answer_json(&answer);
    double refused_bps = 0, passed_bps = 0;
    bool has_refused = veto_mean(refused, &refused_bps),
         has_passed = veto_mean(passed, &passed_bps);

    document_put(object, "fate", json_string(fate_name(fate)));
    document_put(object, "horizon_ms", json_integer(estimate_horizons_ms[horizon]));
    document_put(object, "refused_bps", answer_number(refused_bps, has_refused));
    document_put(object, "passed_bps", answer_number(passed_bps, has_passed));
    document_put(object, "unknown", count_of(refused->unknown));
    document_put(object, "overlapping", count_of(refused->overlapping));
    return object;
}

static json_t *vetoes_json(const struct report_book *book)
{
    json_t *list = json_array();

    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        for (size_t i = 0; i < ESTIMATE_HORIZONS && report_book_has_veto(book, fate); i++)
            (void)json_array_append_new(list, veto_json(book, fate, i));
    return list;
}

/* --- all */

static json_t *held_of(const struct report *report)
{
    return report->is_held_known ? document_known(report->held.held_sum) : json_null();
}

static void put_counts(json_t *document, const struct report *report)
{
    const struct report_book *book = &report->book;

    document_put(document, "records", count_of(book->records));
    document_put(document, "unread", count_of(book->unread));
    document_put(document, "gaps", count_of(report->gaps));
    document_put(document, "cycles", states_json(book));
    document_put(document, "read", count_of(report_book_read(book)));
    document_put(document, "valid", count_of(report_book_valid(book)));
    document_put(document, "candidates", count_of(report_book_candidates(book)));
    document_put(document, "published", count_of(book->trades.count));
    document_put(document, "executed", count_of(book->executed));
    document_put(document, "closed_in_profit", count_of(book->won));
    document_put(document, "fates", fates_json(book));
    document_put(document, "refused", reasons_json(&book->trades));
    document_put(document, "unanswered", count_of(book->ends[TRADE_WAITS]));
    document_put(document, "repeated", count_of(book->trades.repeated));
    document_put(document, "held", held_of(report));
}

int report_print_json(const struct report *report)
{
    const struct report_book *book = &report->book;
    json_t *document = document_new();

    document_put(document, "since_ms", json_integer(report->since_ms));
    document_put(document, "at_ms", json_integer(report->now_ms));
    put_counts(document, report);
    document_put(document, "real", count_of(book->outcomes[TRADE_REAL]));
    document_put(document, "estimated", count_of(book->outcomes[TRADE_ESTIMATED]));
    document_put(document, "unknown", count_of(book->outcomes[TRADE_UNKNOWN]));
    document_put(document, "profit", profit_json(book));
    document_put(document, "questions", questions_json(book));
    document_put(document, "bands", bands_json(book));
    document_put(document, "vetoes", vetoes_json(book));
    document_put(document, "with", report_with_json(&report->with));
    document_put(document, "cost_bps", json_real(report->cost_bps));
    document_put(document, "seed", json_integer(STATISTICS_SEED));
    return document_print(report->command, document);
}
