/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/what_if.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/sheet.h"

enum { INDENT = 14 };

/* Takes the words over. */
static void print_line(const char *label, char *words)
{
    const struct terminal terminal = terminal_look();
    char *line = memory_format("%-*s%s", INDENT, label, words);

    fold_print_under(stdout, line, terminal.columns, INDENT);
    free(line);
    free(words);
}

static void print_head(const struct what_if *what_if, const struct replay_run *run)
{
    const struct terminal terminal = terminal_look();
    char *text = what_if_windows(what_if, run);

    fold_print_under(stdout, text, terminal.columns, 2);
    free(text);
    if (run->is_interrupted)
        (void)puts("interrupted; what is told is what it had seen");
}

/* --- figures */

struct interval_text {
    char text[64];
};

static struct interval_text interval(const struct answer *answer, double scale)
{
    struct interval_text words = {""};

    if (answer->has_interval)
        (void)snprintf(words.text, sizeof words.text, " [%.1f, %.1f]", scale * answer->low,
                       scale * answer->high);
    return words;
}

static char *figure_words(const struct what_if_figure *figure)
{
    const struct answer *better = &figure->better, *own = &figure->profit, *hits = &figure->hits;
    char *text = memory_text(what_if_verdict(better));

    if (better->is_known)
        text = memory_extend(
            text, ": %+.1f bps a trade%s; it made %.1f%s, live %.1f%s; in profit %.1f%%%s",
            better->value, interval(better, 1).text, own->value, interval(own, 1).text,
            figure->live.value, interval(&figure->live, 1).text, 100 * hits->value,
            interval(hits, 100).text);
    return memory_extend(text, "; of %zu and %zu trades on %zu days, %.1f%% known",
                         better->trades[0], better->trades[1], better->days,
                         100 * better->coverage);
}

static void print_outcomes(const struct what_if_answer *answer)
{
    static const char *const titles[] = {"<intents", "both", "only live", "only it", NULL};
    static const char *const names[] = {
        [TRADE_REAL] = "real", [TRADE_ESTIMATED] = "estimated", [TRADE_UNKNOWN] = "unknown"};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    sheet_init(&sheet, titles);
    for (enum trade_outcome outcome = 0; outcome < TRADE_OUTCOMES; outcome++) {
        sheet_add(&sheet, names[outcome]);
        for (enum what_if_part part = 0; part < WHAT_IF_PARTS; part++)
            sheet_add_count(&sheet, (long long)answer->of[outcome][part]);
    }
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}

static void print_variant(const struct what_if *what_if, size_t variant)
{
    const struct what_if_answer *answer = &what_if->answers[variant];
    uint64_t both = what_if_part_sum(answer, WHAT_IF_BOTH);
    const struct what_if_figure *figures = answer->figures;

    (void)printf("\n%s\n", escaped(what_if->variants.list[variant].name).text);
    print_line("coverage", memory_format("%.1f%%; %" PRIu64 " of %" PRIu64 " windows decided",
                                         100 * answer->coverage, answer->decided, answer->windows));
    if (what_if_approximate(what_if, variant))
        print_line("windows", memory_text(what_if_approximate(what_if, variant)));
    print_line("open loop", memory_text(what_if_open_loop(what_if, variant)));
    print_line("real", figure_words(&figures[WHAT_IF_REAL]));
    print_line("estimated", figure_words(&figures[WHAT_IF_ESTIMATED]));
    print_line("published", memory_format("live %" PRIu64 ", it %" PRIu64,
                                          both + what_if_part_sum(answer, WHAT_IF_ONLY_LIVE),
                                          both + what_if_part_sum(answer, WHAT_IF_ONLY_VARIANT)));
    print_outcomes(answer);
}

static void print_foot(const struct what_if *what_if)
{
    char *note = what_if_note(what_if);
    char *text = memory_format("\n%s\n", note);

    fold_print_note(text);
    free(text);
    free(note);
}

void what_if_put_text(const struct what_if *what_if, const struct replay_run *run)
{
    print_head(what_if, run);
    for (size_t i = 0; i < what_if->variants.count; i++)
        print_variant(what_if, i);
    print_foot(what_if);
}
