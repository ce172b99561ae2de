/* SPDX-License-Identifier: MIT */
#include "ctl/report/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"

/* Behind a label; of each kind of rows so many. */
enum { INDENT = 14, DAYS_SHOWN = 7, SYMBOLS_SHOWN = 5, RANKS_SHOWN = 5 };

/* --- lines: a label, then words */

struct line {
    char *text;
    bool has_words;
};

static struct line line_begin(const char *label)
{
    return (struct line){.text = memory_format("%-*s", INDENT, label)};
}

static void line_add(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line_add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *words = memory_format_list(format, arguments);
    va_end(arguments);
    line->text = memory_extend(line->text, "%s", words);
    free(words);
    line->has_words = true;
}

/* Between two words. */
static const char *comma(const struct line *line)
{
    return line->has_words ? ", " : "";
}

static void line_end(struct line *line)
{
    const struct terminal terminal = terminal_look();

    if (line->has_words)
        fold_print_under(stdout, line->text, terminal.columns, INDENT);
    free(line->text);
}

/* --- what happened */

static void print_head(const struct report *report)
{
    char from[CALENDAR_ISO_MAX], to[CALENDAR_ISO_MAX];
    const struct report_book *book = &report->book;

    calendar_iso(report->since_ms, from);
    calendar_iso(report->now_ms, to);
    (void)printf("From %.10s %.5s to %.10s %.5s UTC: %s", from, from + 11, to, to + 11,
                 counted((long long)book->records, "decision", "decisions").text);
    if (book->unread > 0)
        (void)printf(", %" PRIu64 " that cannot be read", book->unread);
    if (report->gaps > 0)
        (void)printf(", %s: what stood there is not counted",
                     counted((long long)report->gaps, "gap", "gaps").text);
    (void)puts("");
    if (book->first_ms > report->since_ms + CALENDAR_MS_PER_DAY) {
        calendar_iso(book->first_ms, from);
        (void)printf("The first one is of %.10s %.5s.\n", from, from + 11);
    }
    (void)puts("");
}

static void print_funnel(const struct report_book *book)
{
    struct line line = line_begin("signals");

    line_add(&line,
             "%" PRIu64 " read → %" PRIu64 " valid → %" PRIu64
             " candidates → %zu published → %" PRIu64 " executed → %" PRIu64 " closed in profit",
             report_book_read(book), report_book_valid(book), report_book_candidates(book),
             book->trades.count, book->executed, book->won);
    line_end(&line);
}

static void print_published(const struct report_book *book)
{
    struct line line = line_begin("published");
    uint64_t candidates = report_book_candidates(book);

    if (candidates > 0)
        line_add(&line, "%.1f%% of the candidates; ",
                 100 * (double)book->trades.count / (double)candidates);
    line_add(&line, "%" PRIu64 " real, %" PRIu64 " estimated, %" PRIu64 " unknown",
             book->outcomes[TRADE_REAL], book->outcomes[TRADE_ESTIMATED],
             book->outcomes[TRADE_UNKNOWN]);
    line_end(&line);
}

static void print_fates(const struct report_book *book, const char *label, bool weighed)
{
    struct line line = line_begin(label);

    for (enum fate fate = 0; fate < FATE_COUNT; fate++) {
        uint64_t count = book->tally.of[fate] + book->drops.of[fate];
        if (fate != FATE_PUBLISHED && fate_is_weighed(fate) == weighed && count > 0)
            line_add(&line, "%s%s %" PRIu64, comma(&line), fate_name(fate), count);
    }
    line_end(&line);
}

static void print_cycles(const struct report_book *book)
{
    struct line line = line_begin("cycles");

    for (enum capacity_state state = 0; state <= CAPACITY_OK; state++)
        if (book->states[state] > 0)
            line_add(&line, "%s%s %" PRIu64, comma(&line), record_state_name(state),
                     book->states[state]);
    for (enum quiet quiet = 0; quiet < QUIET_COUNT; quiet++)
        if (book->quiet[quiet] > 0)
            line_add(&line, "%s%s %" PRIu64, comma(&line), quiet_name(quiet), book->quiet[quiet]);
    line_end(&line);
}

static void print_reasons(const struct trade_book *book, uint64_t waiting)
{
    struct line line = line_begin("not executed");

    for (size_t i = 0; i < book->reason_count; i++)
        line_add(&line, "%s%s %" PRIu64, comma(&line), escaped(book->reasons[i].words).text,
                 book->reasons[i].count);
    if (waiting > 0)
        line_add(&line, "%s%" PRIu64 " without an answer", comma(&line), waiting);
    line_end(&line);
}

static void print_held(const struct report *report)
{
    struct line line = line_begin("held now");

    if (report->is_held_known) {
        char *verdict = held_look_verdict(&report->held);
        line_add(&line, "%s", verdict);
        free(verdict);
    }
    line_end(&line);
}

/* --- profit */

static void print_total(const struct report_book *book)
{
    struct line line = line_begin("profit");
    const struct profit_row *total = &book->total;

    if (profit_row_is_known(total))
        line_add(&line, "%+.2f USD net of fees, of %" PRIu64 " closed", total->profit_usd,
                 total->closed - total->unknown);
    else
        line_add(&line, total->closed > 0 ? "not known" : "nothing was closed");
    if (book->ends[TRADE_OPEN] > 0)
        line_add(&line, "; %" PRIu64 " still open, which may be those that went wrong",
                 book->ends[TRADE_OPEN]);
    if (total->unknown > 0)
        line_add(&line, "; %" PRIu64 " closed without a profit that is known", total->unknown);
    if (book->trades.repeated > 0)
        line_add(&line, "; %zu told again, which are left out", book->trades.repeated);
    line_end(&line);
}

static void add_profit(struct sheet *sheet, const char *what, const char *name,
                       const struct profit_row *row)
{
    sheet_add(sheet, what);
    sheet_add(sheet, name);
    sheet_add_count(sheet, (long long)row->closed);
    sheet_add_count(sheet, (long long)row->won);
    if (profit_row_is_known(row))
        sheet_add_format(sheet, "%+.2f", row->profit_usd);
    else
        sheet_add(sheet, "-");
}

static void add_days(struct sheet *sheet, const struct report_book *book)
{
    size_t from = book->day_count > DAYS_SHOWN ? book->day_count - DAYS_SHOWN : 0;

    for (size_t i = from; i < book->day_count; i++) {
        char day[CALENDAR_ISO_MAX];
        calendar_iso(book->days[i].day * CALENDAR_MS_PER_DAY, day);
        day[10] = '\0';
        add_profit(sheet, "day", day, &book->days[i]);
    }
}

/* The next largest, by what it made or lost; the rest is one row. */
static size_t largest(const struct report_book *book,
                      const bool shown[static PRICE_SYMBOLS_MAX + 1])
{
    size_t best = PRICE_SYMBOLS_MAX + 1;
    double most = -1;

    for (size_t i = 0; i <= PRICE_SYMBOLS_MAX; i++) {
        double size = book->symbols[i].profit_usd;
        size = size < 0 ? -size : size;
        if (!shown[i] && book->symbols[i].closed > 0 && size > most) {
            best = i;
            most = size;
        }
    }
    return best;
}

static void add_rest(struct sheet *sheet, const struct report_book *book, const bool *shown)
{
    struct profit_row rest = {0};
    size_t count = 0;

    for (size_t i = 0; i <= PRICE_SYMBOLS_MAX; i++) {
        const struct profit_row *row = &book->symbols[i];
        if (shown[i] || row->closed == 0)
            continue;
        rest.closed += row->closed;
        rest.won += row->won;
        rest.unknown += row->unknown;
        rest.profit_usd += row->profit_usd;
        count++;
    }
    if (count == 0)
        return;
    char *name = memory_format("%zu more", count);
    add_profit(sheet, "symbol", name, &rest);
    free(name);
}

static void add_symbols(struct sheet *sheet, const struct report_book *book)
{
    bool *shown = memory_array(PRICE_SYMBOLS_MAX + 1, sizeof *shown);

    for (size_t i = 0; i < SYMBOLS_SHOWN; i++) {
        size_t next = largest(book, shown);
        if (next > PRICE_SYMBOLS_MAX)
            break;
        shown[next] = true;
        add_profit(
            sheet, "symbol",
            price_book_name(&book->prices, next < PRICE_SYMBOLS_MAX ? next : PRICE_SYMBOL_NONE),
            &book->symbols[next]);
    }
    add_rest(sheet, book, shown);
    free(shown);
}

static void add_sides(struct sheet *sheet, const struct report_book *book)
{
    static const char *const names[] = {"BUY", "SELL", "not known"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (book->sides[i].closed > 0)
            add_profit(sheet, "side", names[i], &book->sides[i]);
}

static void add_ranks(struct sheet *sheet, const struct report_book *book)
{
    for (size_t i = 1; i < book->rank_count && i <= RANKS_SHOWN; i++) {
        char name[NUMBER_DIGITS_MAX];
        (void)number_print(i, name);
        if (book->ranks[i].closed > 0)
            add_profit(sheet, "rank", name, &book->ranks[i]);
    }
    if (book->rank_count > 0 && book->ranks[0].closed > 0)
        add_profit(sheet, "rank", "not known", &book->ranks[0]);
}

static void print_profits(const struct report_book *book)
{
    static const char *const titles[] = {"<by", "<", "closed", "in profit", "USD", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    if (book->total.closed == 0)
        return;
    (void)puts("");
    sheet_init(&sheet, titles);
    add_days(&sheet, book);
    add_symbols(&sheet, book);
    add_sides(&sheet, book);
    add_ranks(&sheet, book);
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}

/* --- what can be told from it */

static void add_interval(struct line *line, const struct answer *answer, const char *unit)
{
    if (answer->is_known)
        line_add(line, ": %+.1f %s", answer->value, unit);
    if (answer->has_interval)
        line_add(line, " [%+.1f, %+.1f]", answer->low, answer->high);
}

static void add_counts(struct line *line, const struct answer *answer, bool is_compared)
{
    line_add(line, "; of %zu", answer->trades[0]);
    if (is_compared)
        line_add(line, " and %zu", answer->trades[1]);
    line_add(line, " trades on %s", counted((long long)answer->days, "day", "days").text);
}

static void print_question(const struct report_book *book, enum report_question question)
{
    static const char *const units[] = {"bps a trade", "bps a dollar", "points of 100"};
    const struct answer answer = report_book_ask(book, question);
    struct line line = line_begin("");

    (void)printf("%s\n", report_question(question));
    line_add(&line, "%s", report_verdict(question, &answer));
    add_interval(&line, &answer, units[question]);
    if (question == QUESTION_BOOSTS)
        line_add(&line, "; of %zu trades on %s", answer.trades[0],
                 counted((long long)answer.days, "day", "days").text);
    else
        add_counts(&line, &answer, question == QUESTION_RANKS);
    if (answer.coverage < 1)
        line_add(&line, ", %.0f%% of the executed known", 100 * answer.coverage);
    line_end(&line);
}

static void print_bands(const struct report_book *book)
{
    static const char *const titles[] = {"confidence", "trades", "stated",
                                         "in profit",  "95%",    NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    if (book->outcomes[TRADE_REAL] == 0)
        return;
    sheet_init(&sheet, titles);
    for (size_t i = 0; i < BANDS; i++) {
        const struct band *band = &book->bands[i];
        const struct answer hits = report_book_band(book, i);
        if (!hits.is_known)
            continue;
        sheet_add_format(&sheet, "%.3f to %.3f", band->from, band->to);
        sheet_add_count(&sheet, (long long)hits.trades[0]);
        sheet_add_format(&sheet, "%.1f%%", 100 * band->stated / (double)hits.trades[0]);
        sheet_add_format(&sheet, "%.1f%%", 100 * hits.value);
        if (hits.has_interval)
            sheet_add_format(&sheet, "%.0f to %.0f%%", 100 * hits.low, 100 * hits.high);
        else
            sheet_add(&sheet, "-");
    }
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}

/* --- vetoes */

static void add_mean(struct sheet *sheet, const struct veto *veto)
{
    double bps;

    if (veto_mean(veto, &bps))
        sheet_add_format(sheet, "%+.1f", bps);
    else
        sheet_add(sheet, "-");
}

static void add_veto(struct sheet *sheet, const struct report_book *book, enum fate fate,
                     size_t horizon)
{
    const struct veto *refused = &book->vetoes[fate][horizon];
    const struct answer answer = report_book_veto(book, fate, horizon);

    sheet_add(sheet, fate_name(fate));
    sheet_add(sheet, report_horizon(horizon));
    sheet_add_format(sheet, "%" PRIu64 " of %" PRIu64, refused->known,
                     refused->known + refused->unknown);
    add_mean(sheet, refused);
    add_mean(sheet, &book->vetoes[FATE_PUBLISHED][horizon]);
    if (answer.has_interval)
        sheet_add_format(sheet, "%+.1f [%+.1f, %+.1f]", answer.value, answer.low, answer.high);
    else
        sheet_add(sheet, "-");
    sheet_add(sheet, report_veto_verdict(&answer));
}

static void print_vetoes(const struct report *report)
{
    static const char *const titles[] = {"<refused by", "<within",         "known",    "made",
                                         "passed",      "<better by, bps", "<verdict", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    (void)puts("\nWhat would the refused have made, beside what passed?");
    if (!report->has_prices) {
        (void)printf("%*snot known: there are no prices; see quantumctl archive\n", INDENT, "");
        return;
    }
    sheet_init(&sheet, titles);
    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        for (size_t i = 0; i < ESTIMATE_HORIZONS && report_book_has_veto(&report->book, fate); i++)
            add_veto(&sheet, &report->book, fate, i);
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}

static void print_foot(const struct report *report)
{
    char *text = memory_format(
        "\n[…] are intervals of 95%%, from drawing whole days again %d times (seed %d), wider for "
        "the figures of one table together. bps: ten-thousandths. Estimates are by last prices, "
        "less %.4g bps for opening and closing, of one position of a symbol, side and fate at a "
        "time; they follow no later open orders.\n",
        STATISTICS_DRAWS, STATISTICS_SEED, report->cost_bps);

    fold_print_note(text);
    free(text);
}

int report_print_text(const struct report *report)
{
    const struct report_book *book = &report->book;

    print_head(report);
    print_funnel(book);
    print_published(book);
    print_fates(book, "not published", true);
    print_fates(book, "dropped", false);
    print_cycles(book);
    print_reasons(&book->trades, book->ends[TRADE_WAITS]);
    print_held(report);
    print_total(book);
    print_profits(book);
    (void)puts("");
    for (enum report_question question = 0; question < QUESTIONS; question++)
        print_question(book, question);
    print_bands(book);
    print_vetoes(report);
    print_foot(report);
    report_with_print(&report->with);
    return command_done(report->command);
}
