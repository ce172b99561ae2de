/* SPDX-License-Identifier: MIT */
/*
 * The report as a page: pictures whose titles say what is to be seen in them, each with the table
 * that it was drawn from.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/frame/page.h"
#include "ctl/frame/picture.h"
#include "ctl/frame/saved_file.h"
#include "ctl/report/report.h"

enum { WIDTH = 400, LEFT = 62, RIGHT = 388, ROW = 24, LABELS = 118, DAYS_MAX = 400 };

/* --- the funnel */

struct stage {
    const char *name;
    uint64_t count;
};

static void draw_stages(FILE *out, const char *title, const struct stage *stages, size_t count)
{
    double most = fmax(1, (double)stages[0].count);
    struct picture picture = picture_begin(out, title, WIDTH, (double)count * ROW + 4);

    for (size_t i = 0; i < count; i++) {
        double y = (double)i * ROW, wide = (double)stages[i].count / most * (RIGHT - LABELS - 88);
        picture_words(&picture, "", ANCHOR_END, LABELS - 8, y + 16, "%s", stages[i].name);
        picture_box(&picture, "bar", LABELS, y + 3, fmax(wide, 1), ROW - 6);
        picture_words(&picture, "soft", ANCHOR_START, LABELS + fmax(wide, 1) + 6, y + 16,
                      "%" PRIu64 " (%.3g%%)", stages[i].count,
                      100 * (double)stages[i].count / most);
    }
    picture_end(&picture);
}

static void put_funnel(FILE *out, const struct report_book *book)
{
    static const char *const titles[] = {"signals", "count", "of the stage before", NULL};
    uint64_t candidates = report_book_candidates(book);
    const struct stage stages[] = {
        {"read", report_book_read(book)}, {"valid", report_book_valid(book)},
        {"candidates", candidates},       {"published", book->trades.count},
        {"executed", book->executed},     {"closed in profit", book->won},
    };
    enum { STAGES = sizeof stages / sizeof *stages };
    char *title = memory_format(
        "%.1f%% of the candidates were published, %.1f%% of those executed closed in profit",
        candidates > 0 ? 100 * (double)book->trades.count / (double)candidates : 0,
        book->executed > 0 ? 100 * (double)book->won / (double)book->executed : 0);

    page_figure_begin(out, title);
    draw_stages(out, title, stages, STAGES);
    page_table_begin(out, title, titles);
    for (size_t i = 0; i < STAGES; i++) {
        page_row_begin(out);
        page_cell(out, "%s", stages[i].name);
        page_cell(out, "%" PRIu64, stages[i].count);
        if (i > 0 && stages[i - 1].count > 0)
            page_cell(out, "%.1f%%", 100 * (double)stages[i].count / (double)stages[i - 1].count);
        else
            page_cell(out, "-");
        page_row_end(out);
    }
    page_table_end(out);
    page_figure_end(out);
    free(title);
}

static void put_reasons(FILE *out, const struct trade_book *book)
{
    if (book->reason_count == 0)
        return;
    (void)fputs("<p><b>Not executed</b><br>", out);
    for (size_t i = 0; i < book->reason_count; i++)
        page_print(out, "%s%s %" PRIu64, i > 0 ? ", " : "", escaped(book->reasons[i].words).text,
                   book->reasons[i].count);
    (void)fputs("</p>\n", out);
}

/* --- profit */

struct curve {
    double sums[DAYS_MAX + 1]; /* before the first day, and after each */
    size_t days, first;        /* the first that is drawn */
    struct answer mean;
};

static struct curve curve_of(const struct report_book *book)
{
    struct curve curve = {.mean = report_book_day(book)};

    curve.first = book->day_count > DAYS_MAX ? book->day_count - DAYS_MAX : 0;
    curve.days = book->day_count - curve.first;
    for (size_t i = 0; i < curve.days; i++)
        curve.sums[i + 1] = curve.sums[i] + book->days[curve.first + i].profit_usd;
    return curve;
}

static struct scale curve_scale(const struct curve *curve, double high, double low)
{
    double days = (double)curve->days, most = 0, least = 0;

    for (size_t i = 0; i <= curve->days; i++) {
        most = fmax(most, curve->sums[i]);
        least = fmin(least, curve->sums[i]);
    }
    if (curve->mean.has_interval) {
        most = fmax(most, curve->mean.high * days);
        least = fmin(least, curve->mean.low * days);
    }
    if (!(most > least))
        most = least + 1;
    return (struct scale){least, most, low, high, "USD", true};
}

static void draw_curve(FILE *out, const char *title, const struct curve *curve)
{
    enum { TOP = 10, BOTTOM = 190 };
    struct picture picture = picture_begin(out, title, WIDTH, BOTTOM + 22);
    const struct scale y = curve_scale(curve, TOP, BOTTOM);
    const struct scale x = {0, (double)curve->days, LEFT, RIGHT - 20, "days", false};
    struct point line[DAYS_MAX + 1];

    picture_axis_left(&picture, &y, LEFT, RIGHT - 20 - LEFT);
    picture_axis_below(&picture, &x, BOTTOM, 0);
    if (curve->mean.has_interval) {
        double days = (double)curve->days;
        const struct point band[] = {
            {x.low, scale_place(&y, 0)},
            {x.high, scale_place(&y, curve->mean.high * days)},
            {x.high, scale_place(&y, curve->mean.low * days)},
        };
        picture_path(&picture, "band", band, 3);
    }
    for (size_t i = 0; i <= curve->days; i++)
        line[i] = (struct point){scale_place(&x, (double)i), scale_place(&y, curve->sums[i])};
    picture_path(&picture, "line", line, curve->days + 1);
    picture_end(&picture);
}

static char *profit_title(const struct curve *curve)
{
    double sum = curve->sums[curve->days];

    const char *doubt = doubt_words(curve->mean.doubt);
    return curve->mean.doubt == DOUBT_NONE
               ? memory_format("Profit %+.2f USD net of fees: a day %s, and not by chance alone",
                               sum, sum > 0 ? "earns" : "loses")
               : memory_format("Profit %s; %+.2f USD net of fees", doubt, sum);
}

static void put_profit(FILE *out, const struct report_book *book)
{
    static const char *const titles[] = {"day", "closed", "in profit", "USD", "sum", NULL};
    const struct curve curve = curve_of(book);
    if (!profit_row_is_known(&book->total)) {
        page_title_alone(out, "Profit not distinguishable: nothing was closed with a price");
        return;
    }
    char *title = profit_title(&curve);
    page_figure_begin(out, title);
    draw_curve(out, title, &curve);
    (void)fputs("<p class=\"soft\">", out);
    if (curve.mean.has_interval)
        page_print(
            out,
            "The band is where the sum would go with a mean day of %+.2f to %+.2f USD (95%%). ",
            curve.mean.low, curve.mean.high);
    page_print(out, "%" PRIu64 " positions are still open, and are not in it.",
               book->ends[TRADE_OPEN]);
    (void)fputs("</p>\n", out);
    page_table_begin(out, title, titles);
    for (size_t i = 0; i < curve.days; i++) {
        const struct profit_row *row = &book->days[curve.first + i];
        char day[CALENDAR_ISO_MAX];
        calendar_iso(row->day * CALENDAR_MS_PER_DAY, day);
        page_row_begin(out);
        page_cell(out, "%.10s", day);
        page_cell(out, "%" PRIu64, row->closed);
        page_cell(out, "%" PRIu64, row->won);
        if (profit_row_is_known(row))
            page_cell(out, "%+.2f", row->profit_usd);
        else
            page_cell(out, "-");
        page_cell(out, "%+.2f", curve.sums[i + 1]);
        page_row_end(out);
    }
    page_table_end(out);
    page_figure_end(out);
    free(title);
}

/* --- what became of the candidates */

static size_t fates_of(const struct report_book *book, struct stage stages[static FATE_COUNT])
{
    size_t count = 0;

    for (enum fate fate = 0; fate < FATE_COUNT; fate++) {
        uint64_t met = book->tally.of[fate] + book->drops.of[fate];
        if (fate != FATE_PUBLISHED && fate_is_weighed(fate) && met > 0)
            stages[count++] = (struct stage){fate_name(fate), met};
    }
    return count;
}

/* Each takes its part off what the one above it left. */
static void draw_fates(FILE *out, const char *title, const struct report_book *book,
                       const struct stage *stages, size_t count)
{
    double all = fmax(1, (double)report_book_candidates(book)), left = all;
    double wide = RIGHT - LABELS - 62;
    struct picture picture = picture_begin(out, title, WIDTH, (double)(count + 2) * ROW + 4);

    picture_words(&picture, "", ANCHOR_END, LABELS - 8, 16, "candidates");
    picture_box(&picture, "gone", LABELS, 3, wide, ROW - 6);
    picture_words(&picture, "soft", ANCHOR_START, LABELS + wide + 6, 16, "%.0f", all);
    for (size_t i = 0; i < count; i++) {
        double y = (double)(i + 1) * ROW, part = (double)stages[i].count;
        left -= part;
        picture_words(&picture, "", ANCHOR_END, LABELS - 8, y + 16, "%s", stages[i].name);
        picture_box(&picture, "bad", LABELS + left / all * wide, y + 3, fmax(part / all * wide, 1),
                    ROW - 6);
        picture_words(&picture, "soft", ANCHOR_START, LABELS + wide + 6, y + 16, "−%.0f", part);
    }
    double y = (double)(count + 1) * ROW;
    picture_words(&picture, "", ANCHOR_END, LABELS - 8, y + 16, "published");
    picture_box(&picture, "good", LABELS, y + 3, fmax(left / all * wide, 1), ROW - 6);
    picture_words(&picture, "soft", ANCHOR_START, LABELS + wide + 6, y + 16, "%.0f", left);
    picture_end(&picture);
}

static void put_fates(FILE *out, const struct report_book *book)
{
    static const char *const titles[] = {"fate", "candidates", "share", NULL};
    struct stage stages[FATE_COUNT];
    size_t count = fates_of(book, stages), most = 0;
    double all = fmax(1, (double)report_book_candidates(book));

    for (size_t i = 1; i < count; i++)
        if (stages[i].count > stages[most].count)
            most = i;
    char *title = count > 0
                      ? memory_format("Most of what was not published: %s, %.1f%% of the "
                                      "candidates",
                                      stages[most].name, 100 * (double)stages[most].count / all)
                      : memory_text("No candidate was refused");
    page_figure_begin(out, title);
    draw_fates(out, title, book, stages, count);
    stages[count++] = (struct stage){fate_name(FATE_PUBLISHED), book->tally.of[FATE_PUBLISHED]};
    page_table_begin(out, title, titles);
    for (size_t i = 0; i < count; i++) {
        page_row_begin(out);
        page_cell(out, "%s", stages[i].name);
        page_cell(out, "%" PRIu64, stages[i].count);
        page_cell(out, "%.1f%%", 100 * (double)stages[i].count / all);
        page_row_end(out);
    }
    page_table_end(out);
    page_figure_end(out);
    free(title);
}

/* --- calibration */

static void draw_bands(FILE *out, const char *title, const struct report_book *book)
{
    enum { TOP = 10, BOTTOM = 210 };
    struct picture picture = picture_begin(out, title, WIDTH, BOTTOM + 34);
    const struct scale x = {100 * book->bands[0].from, 100, LEFT, RIGHT - 20, "%", false};
    const struct scale y = {0, 100, BOTTOM, TOP, "%", false};

    picture_axis_left(&picture, &y, LEFT, RIGHT - 20 - LEFT);
    picture_axis_below(&picture, &x, BOTTOM, 0);
    picture_line(&picture, "dash", x.low, scale_place(&y, x.from), x.high, scale_place(&y, 100));
    picture_words(&picture, "axis", ANCHOR_MIDDLE, (x.low + x.high) / 2, BOTTOM + 30,
                  "stated confidence; upwards: the share that closed in profit");
    for (size_t i = 0; i < BANDS; i++) {
        const struct answer hits = report_book_band(book, i);
        if (!hits.is_known)
            continue;
        double at = scale_place(&x, 100 * book->bands[i].stated / (double)hits.trades[0]);
        if (hits.has_interval)
            picture_line(&picture, "reach", at, scale_place(&y, 100 * hits.low), at,
                         scale_place(&y, 100 * hits.high));
        picture_dot(&picture, "bar", at, scale_place(&y, 100 * hits.value), 4);
    }
    picture_end(&picture);
}

static char *bands_title(const struct report_book *book)
{
    const struct answer answer = report_book_ask(book, QUESTION_CONFIDENCE);

    if (answer.doubt != DOUBT_NONE)
        return memory_format("Is the stated confidence right? %s", doubt_words(answer.doubt));
    return memory_format("The stated confidence is too %s: by %.1f points of 100 [%.1f, %.1f]",
                         answer.value > 0 ? "low" : "high", fabs(answer.value),
                         fmin(fabs(answer.low), fabs(answer.high)),
                         fmax(fabs(answer.low), fabs(answer.high)));
}

static void put_bands(FILE *out, const struct report_book *book)
{
    static const char *const titles[] = {"confidence", "trades", "stated",
                                         "in profit",  "95%",    NULL};
    char *title = bands_title(book);

    if (book->outcomes[TRADE_REAL] == 0) {
        page_title_alone(out, title);
        free(title);
        return;
    }
    page_figure_begin(out, title);
    draw_bands(out, title, book);
    page_table_begin(out, title, titles);
    for (size_t i = 0; i < BANDS; i++) {
        const struct band *band = &book->bands[i];
        const struct answer hits = report_book_band(book, i);
        if (!hits.is_known)
            continue;
        page_row_begin(out);
        page_cell(out, "%.3f to %.3f", band->from, band->to);
        page_cell(out, "%zu", hits.trades[0]);
        page_cell(out, "%.1f%%", 100 * band->stated / (double)hits.trades[0]);
        page_cell(out, "%.1f%%", 100 * hits.value);
        if (hits.has_interval)
            page_cell(out, "%.0f to %.0f%%", 100 * hits.low, 100 * hits.high);
        else
            page_cell(out, "-");
        page_row_end(out);
    }
    page_table_end(out);
    page_figure_end(out);
    free(title);
}

/* --- the cut */

static size_t stretches_of(const struct cuts *cuts, double *ret_low, double *ret_high)
{
    size_t count = 0;

    *ret_low = 2;
    *ret_high = 0;
    for (size_t i = 0; i < CUT_STRETCHES; i++)
        if (cuts->stretches[i].decisions > 0) {
            count = i + 1;
            *ret_low = fmin(*ret_low, cuts->stretches[i].low);
            *ret_high = fmax(*ret_high, cuts->stretches[i].high);
        }
    return count;
}

static void draw_cuts(FILE *out, const char *title, const struct cuts *cuts, size_t count,
                      double low, double high)
{
    enum { TOP = 10, BOTTOM = 170 };
    struct picture picture = picture_begin(out, title, WIDTH, BOTTOM + 22);
    const struct scale y = {low - 0.005, high + 0.005, BOTTOM, TOP, "", false};
    double hours = (double)count * (double)cuts->length_ms / 3600000;
    const struct scale x = {0,          hours > 72 ? hours / 24 : hours, LEFT,
                            RIGHT - 20, hours > 72 ? "days" : "hours",   false};
    double wide = (x.high - x.low) / (double)count;

    picture_axis_left(&picture, &y, LEFT, RIGHT - 20 - LEFT);
    picture_axis_below(&picture, &x, BOTTOM, 0);
    for (size_t i = 0; i < count; i++) {
        const struct cut_stretch *stretch = &cuts->stretches[i];
        double at = x.low + (double)i * wide;
        if (stretch->decisions == 0)
            continue;
        picture_box(&picture, "band", at, scale_place(&y, stretch->high), wide,
                    scale_place(&y, stretch->low) - scale_place(&y, stretch->high));
        double mean = scale_place(&y, stretch->sum / (double)stretch->decisions);
        picture_line(&picture, "reach", at, mean, at + wide, mean);
    }
    picture_end(&picture);
}

static void put_cuts(FILE *out, const struct report_book *book)
{
    static const char *const titles[] = {"from", "decisions", "lowest", "mean", "highest", NULL};
    const struct cuts *cuts = &book->cuts;
    double low, high;
    size_t count = stretches_of(cuts, &low, &high);

    if (count == 0)
        return;
    char *title =
        memory_format("The lowest score that was published lay between %.3f and %.3f", low, high);
    page_figure_begin(out, title);
    draw_cuts(out, title, cuts, count, low, high);
    (void)fputs(
        "<p class=\"soft\">The band goes from the lowest to the highest cut of a stretch, the "
        "line is its mean.</p>\n",
        out);
    page_table_begin(out, title, titles);
    for (size_t i = 0; i < count; i++) {
        const struct cut_stretch *stretch = &cuts->stretches[i];
        char from[CALENDAR_ISO_MAX];
        if (stretch->decisions == 0)
            continue;
        calendar_iso(cuts->begin_ms + (int64_t)i * cuts->length_ms, from);
        page_row_begin(out);
        page_cell(out, "%.10s %.5s", from, from + 11);
        page_cell(out, "%zu", stretch->decisions);
        page_cell(out, "%.3f", stretch->low);
        page_cell(out, "%.3f", stretch->sum / (double)stretch->decisions);
        page_cell(out, "%.3f", stretch->high);
        page_row_end(out);
    }
    page_table_end(out);
    page_figure_end(out);
    free(title);
}

/* --- questions */

static void put_questions(FILE *out, const struct report_book *book)
{
    (void)fputs("<section>\n", out);
    for (enum report_question question = 0; question < QUESTIONS; question++) {
        const struct answer answer = report_book_ask(book, question);
        (void)fputs("<p><b>", out);
        page_print(out, "%s", report_question(question));
        (void)fputs("</b><br>", out);
        page_print(out, "%s. ", report_verdict(question, &answer));
        if (answer.is_known)
            page_print(out, "%+.1f %s", answer.value,
                       question == QUESTION_CONFIDENCE ? "points of 100" : "bps");
        if (answer.has_interval)
            page_print(out, " [%+.1f, %+.1f]", answer.low, answer.high);
        (void)fputs(" <span class=\"soft\">", out);
        page_print(out, "of %zu", answer.trades[0]);
        if (question == QUESTION_RANKS)
            page_print(out, " and %zu", answer.trades[1]);
        page_print(out, " trades on %zu days, %.0f%% known", answer.days, 100 * answer.coverage);
        (void)fputs("</span></p>\n", out);
    }
    (void)fputs("</section>\n", out);
}

static void put_vetoes(FILE *out, const struct report *report)
{
    static const char *const titles[] = {"refused by", "within",    "known",   "made",
                                         "passed",     "better by", "verdict", NULL};
    static const char title[] =
        "What would the refused have made, beside what passed? (bps, after costs)";
    const struct report_book *book = &report->book;

    if (!report->has_prices || !report_book_has_vetoes(book))
        return;
    page_figure_begin(out, title);
    page_table_begin(out, title, titles);
    for (enum fate fate = 0; fate < FATE_COUNT; fate++)
        for (size_t i = 0; i < ESTIMATE_HORIZONS && report_book_has_veto(book, fate); i++) {
            const struct answer answer = report_book_veto(book, fate, i);
            const struct veto *refused = &book->vetoes[fate][i];
            double bps = 0, passed = 0;
            (void)veto_mean(refused, &bps);
            (void)veto_mean(&book->vetoes[FATE_PUBLISHED][i], &passed);
            page_row_begin(out);
            page_cell(out, "%s", fate_name(fate));
            page_cell(out, "%s", report_horizon(i));
            page_cell(out, "%" PRIu64 " of %" PRIu64, refused->known,
                      refused->known + refused->unknown);
            page_cell(out, "%+.1f", bps);
            page_cell(out, "%+.1f", passed);
            page_cell(out, "%+.1f [%+.1f, %+.1f]", answer.value, answer.low, answer.high);
            page_cell(out, "%s", report_veto_verdict(&answer));
            page_row_end(out);
        }
    page_table_end(out);
    page_figure_end(out);
}

/* --- the page */

static void put_head(FILE *out, const struct report *report)
{
    char from[CALENDAR_ISO_MAX], to[CALENDAR_ISO_MAX];
    const struct report_book *book = &report->book;

    calendar_iso(report->since_ms, from);
    calendar_iso(report->now_ms, to);
    page_begin(out, "What happened");
    (void)fputs("<p class=\"soft\">", out);
    page_print(out, "%.10s %.5s to %.10s %.5s UTC: %" PRIu64 " decisions", from, from + 11, to,
               to + 11, book->records);
    if (book->unread > 0)
        page_print(out, ", %" PRIu64 " that cannot be read", book->unread);
    if (report->gaps > 0)
        page_print(out, ", %" PRIu64 " gaps: what stood there is not counted", report->gaps);
    page_print(
        out,
        ". Of what was published %" PRIu64 " is real, %" PRIu64 " estimated, %" PRIu64 " unknown.",
        book->outcomes[TRADE_REAL], book->outcomes[TRADE_ESTIMATED], book->outcomes[TRADE_UNKNOWN]);
    (void)fputs("</p>\n", out);
}

static void put_foot(FILE *out, const struct report *report)
{
    (void)fputs("<p class=\"soft\">", out);
    page_print(
        out,
        "[…] are intervals of 95%%, from drawing whole days again %d times (seed %d), wider for "
        "the figures of one table together. bps: ten-thousandths. Estimates are by last prices, "
        "less %.4g bps for opening and closing; they follow no later open orders.",
        STATISTICS_DRAWS, STATISTICS_SEED, report->cost_bps);
    (void)fputs("</p>\n", out);
}

static bool write_page(FILE *out, const void *what)
{
    const struct report *report = what;
    const struct report_book *book = &report->book;

    put_head(out, report);
    put_questions(out, book);
    put_profit(out, book);
    put_funnel(out, book);
    put_reasons(out, &book->trades);
    put_fates(out, book);
    put_bands(out, book);
    put_cuts(out, book);
    put_vetoes(out, report);
    put_foot(out, report);
    report_with_put(out, &report->with);
    page_end(out);
    return true;
}

int report_save_page(const struct report *report, const char *path)
{
    return saved_file_write(report->command, path, write_page, report);
}
