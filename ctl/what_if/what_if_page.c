/* SPDX-License-Identifier: MIT */
/*
 * What if, as a page: for results and for prices a picture of intervals, and one of whose intents
 * there are; each under what it shows, with what it does not follow and the table it was drawn
 * from.
 */
#include "ctl/what_if/what_if.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/frame/page.h"
#include "ctl/frame/picture.h"

enum { WIDTH = 400, LEFT = 14, RIGHT = 376, NAME_SHOWN = 56 };

static const char *name_of(const struct what_if *what_if, size_t variant)
{
    return what_if->variants.list[variant].name;
}

/* Where the figure stands, and not in a note below. */
static void put_caveat(FILE *out, const struct what_if *what_if)
{
    size_t variant = 0;

    while (variant + 1 < what_if->variants.count && !what_if_approximate(what_if, variant))
        variant++;
    const char *approximate = what_if_approximate(what_if, variant);
    (void)fputs("<p class=\"caveat\">", out);
    if (approximate && what_if->variants.count > 1)
        page_print(out, "From %s on, %s. ", name_of(what_if, variant), approximate);
    else if (approximate)
        page_print(out, "%s. ", approximate);
    page_print(out, "Open loop: %s.", what_if_open_loop(what_if, variant));
    (void)fputs("</p>\n", out);
}

/* --- intervals: one below the other, on one axis */

struct interval_row {
    const char *name;
    const struct answer *answer;
};

static struct scale scale_of(const struct interval_row *rows, size_t count)
{
    double low = 0, high = 0;

    for (size_t i = 0; i < count; i++) {
        const struct answer *answer = rows[i].answer;
        if (!answer->is_known)
            continue;
        low = fmin(low, answer->has_interval ? answer->low : answer->value);
        high = fmax(high, answer->has_interval ? answer->high : answer->value);
    }
    if (!(high > low))
        high = low + 1;
    return (struct scale){low, high, LEFT, RIGHT, "bps", true};
}

static void draw_interval(const struct picture *picture, const struct scale *scale,
                          const struct interval_row *row, double y)
{
    const struct answer *answer = row->answer;

    picture_words(picture, "", ANCHOR_START, LEFT, y + 12, "%.*s%s", NAME_SHOWN,
                  escaped(row->name).text, answer->is_known ? "" : ": not known");
    if (answer->has_interval)
        picture_line(picture, "reach", scale_place(scale, answer->low), y + 24,
                     scale_place(scale, answer->high), y + 24);
    if (answer->is_known)
        picture_dot(picture, "bar", scale_place(scale, answer->value), y + 24, 4);
}

static void draw_intervals(FILE *out, const char *title, const struct interval_row *rows,
                           size_t count)
{
    enum { ROW = 36, AXIS = 24 };
    const struct scale scale = scale_of(rows, count);
    double bottom = (double)count * ROW;
    struct picture picture = picture_begin(out, title, WIDTH, bottom + AXIS);

    picture_axis_below(&picture, &scale, bottom, bottom);
    for (size_t i = 0; i < count; i++)
        draw_interval(&picture, &scale, &rows[i], (double)i * ROW);
    picture_end(&picture);
}

/* --- a measure */

/* "By prices" and "By results". */
static const char *measure_words(enum what_if_measure measure)
{
    return measure == WHAT_IF_REAL ? "By results" : "By prices";
}

static char *title_of_one(const struct answer *better, enum what_if_measure measure)
{
    if (better->doubt != DOUBT_NONE)
        return memory_format("%s %s", measure_words(measure), what_if_verdict(better));
    return memory_format("%s it is %s: %+.1f bps a trade [%+.1f, %+.1f]", measure_words(measure),
                         what_if_verdict(better), better->value, better->low, better->high);
}

static char *title_of_many(const struct what_if *what_if, enum what_if_measure measure)
{
    size_t all = what_if->variants.count, above = 0, below = 0;

    for (size_t i = 0; i < all; i++) {
        const struct answer *better = &what_if->answers[i].figures[measure].better;
        above += better->doubt == DOUBT_NONE && better->value > 0;
        below += better->doubt == DOUBT_NONE && !(better->value > 0);
    }
    return memory_format("%s %zu of %zu better, %zu worse, %zu not distinguishable",
                         measure_words(measure), above, all, below, all - above - below);
}

static char *title_of(const struct what_if *what_if, enum what_if_measure measure)
{
    return what_if->variants.count > 1
               ? title_of_many(what_if, measure)
               : title_of_one(&what_if->answers[0].figures[measure].better, measure);
}

static void draw_measure(FILE *out, const char *title, const struct what_if *what_if,
                         enum what_if_measure measure)
{
    size_t count = what_if->variants.count;
    const struct what_if_figure *first = &what_if->answers[0].figures[measure];
    const struct interval_row alone[] = {
        {"the policy less live", &first->better},
        {"the policy", &first->profit},
        {"live", &first->live},
    };
    struct interval_row rows[WHAT_IF_VARIANTS_MAX];

    for (size_t i = 0; i < count; i++)
        rows[i] = (struct interval_row){name_of(what_if, i),
                                        &what_if->answers[i].figures[measure].better};
    if (count == 1)
        draw_intervals(out, title, alone, sizeof alone / sizeof *alone);
    else
        draw_intervals(out, title, rows, count);
}

static void put_value(FILE *out, const struct answer *answer, double scale, const char *unit)
{
    if (!answer->is_known)
        page_cell(out, "-");
    else if (!answer->has_interval)
        page_cell(out, "%.1f%s", scale * answer->value, unit);
    else
        page_cell(out, "%.1f%s [%.1f, %.1f]", scale * answer->value, unit, scale * answer->low,
                  scale * answer->high);
}

/* One alone stands in the title already. */
static const char *const *titles_of(const struct what_if *what_if, const char *const *titles)
{
    return what_if->variants.count > 1 ? titles : titles + 1;
}

static void put_name(FILE *out, const struct what_if *what_if, size_t variant)
{
    if (what_if->variants.count > 1)
        page_cell(out, "%s", escaped(name_of(what_if, variant)).text);
}

static void put_figure_row(FILE *out, const struct what_if *what_if, size_t variant,
                           enum what_if_measure measure)
{
    const struct what_if_figure *figure = &what_if->answers[variant].figures[measure];
    const struct answer *better = &figure->better;

    page_row_begin(out);
    put_name(out, what_if, variant);
    page_cell(out, "%s", what_if_verdict(better));
    put_value(out, better, 1, "");
    put_value(out, &figure->profit, 1, "");
    put_value(out, &figure->live, 1, "");
    put_value(out, &figure->hits, 100, "%");
    page_cell(out, "%zu and %zu", better->trades[0], better->trades[1]);
    page_cell(out, "%zu", better->days);
    page_cell(out, "%.1f%%", 100 * better->coverage);
    page_row_end(out);
}

static bool is_known(const struct what_if *what_if, enum what_if_measure measure)
{
    for (size_t i = 0; i < what_if->variants.count; i++)
        if (what_if->answers[i].figures[measure].profit.is_known)
            return true;
    return false;
}

static void put_measure(FILE *out, const struct what_if *what_if, enum what_if_measure measure)
{
    static const char *const titles[] = {
        "policy",       "verdict",        "less live, bps", "it made", "live made",
        "it in profit", "trades of each", "days",           "known",   NULL};
    char *title = title_of(what_if, measure);

    if (is_known(what_if, measure)) {
        page_figure_begin(out, title);
        put_caveat(out, what_if);
        draw_measure(out, title, what_if, measure);
        page_table_begin(out, title, titles_of(what_if, titles));
        for (size_t i = 0; i < what_if->variants.count; i++)
            put_figure_row(out, what_if, i, measure);
        page_table_end(out);
        page_figure_end(out);
    } else {
        page_title_alone(out, title);
    }
    free(title);
}

/* --- whose intents they are */

static const char *const outcome_names[] = {
    [TRADE_REAL] = "real", [TRADE_ESTIMATED] = "estimated", [TRADE_UNKNOWN] = "unknown"};

static const struct {
    const char *class, *words;
} parts[] = {
    [WHAT_IF_BOTH] = {"bar", "both publish"},
    [WHAT_IF_ONLY_LIVE] = {"gone", "only live"},
    [WHAT_IF_ONLY_VARIANT] = {"own", "only the policy"},
};

struct part_row {
    const char *name;
    uint64_t of[WHAT_IF_PARTS];
};

static uint64_t sum_of(const struct part_row *row)
{
    uint64_t sum = 0;

    for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++)
        sum += row->of[part];
    return sum;
}

static void draw_legend(const struct picture *picture)
{
    for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++) {
        double x = LEFT + 118 * (double)part;
        picture_box(picture, parts[part].class, x, 4, 12, 12);
        picture_words(picture, "soft", ANCHOR_START, x + 17, 14, "%s", parts[part].words);
    }
}

static void draw_parts(FILE *out, const char *title, const struct part_row *rows, size_t count)
{
    enum { ROW = 36, TOP = 24, COUNTS = 60 };
    struct picture picture = picture_begin(out, title, WIDTH, TOP + (double)count * ROW);
    double most = 1;

    for (size_t i = 0; i < count; i++)
        most = fmax(most, (double)sum_of(&rows[i]));
    draw_legend(&picture);
    for (size_t i = 0; i < count; i++) {
        double x = LEFT, y = TOP + (double)i * ROW;
        picture_words(&picture, "", ANCHOR_START, LEFT, y + 12, "%.*s", NAME_SHOWN,
                      escaped(rows[i].name).text);
        for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++) {
            double wide = (double)rows[i].of[part] / most * (RIGHT - LEFT - COUNTS);
            picture_box(&picture, parts[part].class, x, y + 17, wide, 13);
            x += wide;
        }
        picture_words(&picture, "soft", ANCHOR_START, x + 6, y + 28, "%" PRIu64, sum_of(&rows[i]));
    }
    picture_end(&picture);
}

static uint64_t published_of(const struct what_if_answer *answer)
{
    return what_if_part_sum(answer, WHAT_IF_BOTH) + what_if_part_sum(answer, WHAT_IF_ONLY_VARIANT);
}

static char *parts_title(const struct what_if *what_if)
{
    const struct what_if_answer *first = &what_if->answers[0];
    uint64_t both = what_if_part_sum(first, WHAT_IF_BOTH), least = UINT64_MAX, most = 0;

    if (what_if->variants.count == 1)
        return memory_format(
            "It publishes %" PRIu64 " intents, and live %" PRIu64 ": %" PRIu64 " are of both",
            published_of(first), both + what_if_part_sum(first, WHAT_IF_ONLY_LIVE), both);
    for (size_t i = 0; i < what_if->variants.count; i++) {
        uint64_t own = published_of(&what_if->answers[i]);
        least = own < least ? own : least;
        most = own > most ? own : most;
    }
    return memory_format("The policies publish %" PRIu64 " to %" PRIu64 " intents", least, most);
}

/* Of one policy by outcome, which are never added up; of many by policy. */
static size_t part_rows(const struct what_if *what_if, struct part_row *rows)
{
    size_t count = what_if->variants.count > 1 ? what_if->variants.count : TRADE_OUTCOMES;

    for (size_t i = 0; i < count; i++)
        for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++)
            rows[i].of[part] = what_if->variants.count > 1
                                   ? what_if_part_sum(&what_if->answers[i], part)
                                   : what_if->answers[0].of[i][part];
    for (size_t i = 0; i < count; i++)
        rows[i].name = what_if->variants.count > 1 ? name_of(what_if, i) : outcome_names[i];
    return count;
}

static void put_part_table(FILE *out, const char *title, const struct what_if *what_if)
{
    static const char *const titles[] = {"policy",    "outcome",         "both publish",
                                         "only live", "only the policy", NULL};

    page_table_begin(out, title, titles_of(what_if, titles));
    for (size_t i = 0; i < what_if->variants.count; i++)
        for (enum trade_outcome outcome = 0; outcome < TRADE_OUTCOMES; outcome++) {
            page_row_begin(out);
            put_name(out, what_if, i);
            page_cell(out, "%s", outcome_names[outcome]);
            for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++)
                page_cell(out, "%" PRIu64, what_if->answers[i].of[outcome][part]);
            page_row_end(out);
        }
    page_table_end(out);
}

static void put_parts(FILE *out, const struct what_if *what_if)
{
    struct part_row rows[WHAT_IF_VARIANTS_MAX];
    char *title = parts_title(what_if);
    size_t count = part_rows(what_if, rows);

    page_figure_begin(out, title);
    put_caveat(out, what_if);
    draw_parts(out, title, rows, count);
    put_part_table(out, title, what_if);
    page_figure_end(out);
    free(title);
}

/* --- all of it */

static double coverage_of(const struct what_if *what_if)
{
    double least = 1;

    for (size_t i = 0; i < what_if->variants.count; i++)
        least = fmin(least, what_if->answers[i].coverage);
    return least;
}

static void put_note(FILE *out, const struct what_if *what_if)
{
    char *note = what_if_note(what_if);

    (void)fputs("<p class=\"soft\">", out);
    page_put(out, note);
    (void)fputs("</p>\n", out);
    free(note);
}

void what_if_put_page(FILE *out, const struct what_if *what_if, const struct replay_run *run)
{
    char *windows = what_if_windows(what_if, run);

    (void)fputs("<p class=\"soft\">", out);
    page_print(out, "Coverage %.1f%%. %s.%s", 100 * coverage_of(what_if), windows,
               run->is_interrupted ? " It was interrupted." : "");
    (void)fputs("</p>\n", out);
    free(windows);
    put_measure(out, what_if, WHAT_IF_ESTIMATED);
    put_measure(out, what_if, WHAT_IF_REAL);
    put_parts(out, what_if);
    put_note(out, what_if);
}
