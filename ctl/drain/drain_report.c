/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/frame/command.h"
#include "ctl/frame/document.h"
#include "ctl/frame/progress.h"
#include "ctl/frame/span.h"
#include "ctl/frame/terminal.h"

#define LINE "%-24s"

enum {
    SAMPLE = 5, /* lines of each kind; then one at 10, 100, 1000, … */
};

static const uint64_t bar_ns = UINT64_C(200000000);
static const uint64_t block_ns = UINT64_C(5000000000);

static const char *mark(const struct drain_report *report)
{
    return report->config->is_live ? "" : "[DRY-RUN] ";
}

static void tell_lacks(const struct drain_report *report, const struct drain_look *look)
{
    struct escaped stream = escaped(report->config->stream);

    if (look->lacks_stream)
        (void)fprintf(stderr, "%sThere is no stream %s yet: nothing to do\n", mark(report),
                      stream.text);
    if (look->lacks_group)
        (void)fprintf(stderr,
                      "%sThere is no such group on %s yet: nothing was given to it, and all counts "
                      "as new. A live run would refuse: start the executor first, which makes it\n",
                      mark(report), stream.text);
}

void drain_report_begin(struct drain_report *report, const struct drain_look *look, uint64_t now_ns)
{
    report->is_terminal = isatty(STDERR_FILENO) == 1;
    report->start_ns = report->told_ns = now_ns;
    report->length_before = look->length;
    report->lag_before = look->lag;
    report->pending_before = look->pending;
    report->expected = look->lag < 0 ? -1 : look->lag + look->pending;
    if (report->expected > report->config->events_max)
        report->expected = report->config->events_max;
    (void)fprintf(stderr, "[BACKLOG_DRAIN] Stream length: %" PRId64 " events\n", look->length);
    (void)fprintf(stderr, "Run %s: group %s\n", report->config->run_id,
                  escaped(report->config->group).text);
    tell_lacks(report, look);
    if (look->lost > 0)
        (void)fprintf(stderr,
                      "%" PRId64 " or more entries were trimmed before the group was given them\n",
                      look->lost);
    if (!report->config->is_live && look->live)
        (void)fprintf(stderr,
                      "[DRY-RUN] A live run would refuse: consumer %s was active %.1f s ago\n",
                      escaped(look->live).text, (double)look->live_idle_ms / 1000);
    (void)fprintf(stderr, "Starting drain process...\n");
}

/* --- lines about entries */

static bool is_sample(uint64_t number)
{
    uint64_t ten = 10;

    while (ten < number)
        ten *= 10;
    return number <= SAMPLE || ten == number;
}

static char *survivor_line(const struct drain_report *report, const struct entry *entry,
                           const struct drain_event *event)
{
    struct drain_words words;
    char confidence[NUMBER_TEXT_MAX];

    drain_words_read(entry, &words);
    share_print(event->confidence, confidence);
    return memory_format("%s%s: %s %s (conf=%s, source=%s)\n", mark(report),
                         report->config->is_live ? "Processed" : "Would process", event->symbol,
                         words.side, confidence, words.source);
}

static char *filtered_line(const struct drain_event *event, bool is_gone)
{
    char id[STREAM_ID_TEXT_MAX], confidence[NUMBER_TEXT_MAX];

    stream_id_print(event->id, id);
    switch (event->action) {
    case DRAIN_OLD:
        return memory_format("Filtered %s: too_old (%.1fh)\n", id, (double)event->age_ms / 3600000);
    case DRAIN_NOT_ALLOWLISTED:
        return memory_format("Filtered %s: not_allowlisted\n", id);
    case DRAIN_LOW_CONFIDENCE:
        share_print(event->confidence, confidence);
        return memory_format("Filtered %s: low_confidence (%s)\n", id, confidence);
    case DRAIN_INVALID:
    case DRAIN_OK:
    case DRAIN_ACTIONS:
        break;
    }
    return memory_format("Filtered %s: invalid (%s)\n", id,
                         is_gone ? "gone" : rule_name(event->rule));
}

static void clear_bar(const struct drain_report *report)
{
    if (report->is_terminal)
        progress_clear();
}

char *drain_report_line(struct drain_report *report, const struct entry *entry,
                        const struct drain_event *event, bool is_gone)
{
    uint64_t number = ++report->lines[event->action];

    if (!report->config->values->verbose && !is_sample(number))
        return NULL;
    return event->action == DRAIN_OK ? survivor_line(report, entry, event)
                                     : filtered_line(event, is_gone);
}

void drain_report_say(const struct drain_report *report, const char *line)
{
    if (!line)
        return;
    clear_bar(report);
    (void)fputs(line, stderr);
}

/* --- progress */

struct count {
    const char *label; /* NULL: not for people */
    const char *name;
    uint64_t count;
};

enum { COUNTS = 9 };

static void read_counts(const struct drain_tally *tally, struct count ret_counts[static COUNTS])
{
    const struct count counts[COUNTS] = {
        {"Total processed:", "total_processed", drain_tally_processed(tally)},
        {"Filtered (age):", "filtered_age", tally->by_action[DRAIN_OLD]},
        {"Filtered (symbol):", "filtered_symbol", tally->by_action[DRAIN_NOT_ALLOWLISTED]},
        {"Filtered (confidence):", "filtered_confidence", tally->by_action[DRAIN_LOW_CONFIDENCE]},
        {"Filtered (invalid):", "filtered_invalid", tally->by_action[DRAIN_INVALID]},
        {"Executed:", "executed", tally->by_action[DRAIN_OK]},
        {"Errors:", "errors", drain_tally_errors(tally)},
        {NULL, "gone", tally->gone},
        {NULL, "dead_letters", tally->dead_letters},
    };

    memcpy(ret_counts, counts, sizeof counts);
}

static void tell_counts(FILE *out, const struct drain_tally *tally)
{
    struct count counts[COUNTS];

    read_counts(tally, counts);
    for (size_t i = 0; i < COUNTS && counts[i].label; i++)
        (void)fprintf(out, LINE "%" PRIu64 "\n", counts[i].label, counts[i].count);
}

static double rate_of(const struct drain_report *report, uint64_t now_ns)
{
    double seconds = (double)(now_ns - report->start_ns) / 1e9;

    return seconds > 0 ? (double)drain_tally_processed(report->tally) / seconds : 0;
}

static void tell_bar(const struct drain_report *report, uint64_t now_ns)
{
    uint64_t processed = drain_tally_processed(report->tally);
    struct progress progress = {
        .done = processed, .share = -1, .rate = rate_of(report, now_ns), .left_sec = -1};

    if (report->expected >= 0)
        progress.share = report->expected > 0 ? (double)processed / (double)report->expected : 0;
    if (progress.rate > 0)
        progress.left_sec = fmax((double)report->expected - (double)processed, 0) / progress.rate;
    progress_draw(&progress);
}

static void tell_block(struct drain_report *report)
{
    report->has_told = true;
    (void)fprintf(stderr, "=== PROGRESS STATS ===\n");
    tell_counts(stderr, report->tally);
}

void drain_report_tick(struct drain_report *report, uint64_t now_ns)
{
    if (now_ns - report->told_ns < (report->is_terminal ? bar_ns : block_ns))
        return;
    report->told_ns = now_ns;
    if (report->is_terminal)
        tell_bar(report, now_ns);
    else
        tell_block(report);
}

/* --- the report at the end */

struct figures {
    uint64_t processed, filtered;
    double seconds, throughput, filter_rate;
    double live_seconds; /* what a live run would take */
};

static struct figures figures_of(const struct drain_report *report, uint64_t now_ns)
{
    const struct drain_tally *tally = report->tally;
    struct figures figures = {
        .processed = drain_tally_processed(tally),
        .filtered = drain_tally_filtered(tally),
        .seconds = (double)(now_ns - report->start_ns) / 1e9,
    };
    uint64_t paced =
        report->config->values->throttle_all ? figures.processed : tally->by_action[DRAIN_OK];

    if (figures.seconds > 0)
        figures.throughput = (double)figures.processed / figures.seconds;
    if (figures.processed > 0)
        figures.filter_rate = (double)figures.filtered / (double)figures.processed;
    /* The first one does not wait. */
    figures.live_seconds =
        figures.seconds + (paced > 0 ? (double)(paced - 1) / report->config->values->throttle : 0);
    return figures;
}

/* Negative: not known. */
static void print_amount(int64_t amount, char ret_text[static NUMBER_TEXT_MAX])
{
    if (amount < 0)
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "unknown");
    else
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%" PRId64, amount);
}

static void tell_change(const char *name, int64_t before, int64_t after)
{
    char from[NUMBER_TEXT_MAX], to[NUMBER_TEXT_MAX];

    print_amount(before, from);
    print_amount(after, to);
    (void)printf(LINE "%s → %s\n", name, from, to);
}

static void tell_meaning(const struct drain_report *report, const struct figures *figures)
{
    const char *forward = report->config->forward;
    bool is_live = report->config->is_live;
    char duration[DURATION_TEXT_MAX], rate[NUMBER_TEXT_MAX];

    (void)printf("Executed: those %s audited", is_live ? "were" : "would be");
    if (forward)
        (void)printf(", ACKed and republished to %s", escaped(forward).text);
    else
        (void)printf(" and ACKed only");
    (void)printf("; nothing was traded%s.\n", is_live && forward ? " here" : "");
    if (is_live) {
        (void)puts("Entries are never deleted: the group's lag falls, the stream's length does "
                   "not.");
        return;
    }
    duration_print(figures->live_seconds, duration);
    number_shortest(report->config->values->throttle, rate);
    (void)printf("Dry run: nothing was written. A live run would take about %s at %s events/s.\n",
                 duration, rate);
}

static void tell_dead_letters(const struct drain_report *report)
{
    uint64_t dead_letters = report->tally->dead_letters;
    const char *written = !report->config->is_live ? "would be"
                          : dead_letters == 1      ? "was"
                                                   : "were";

    if (dead_letters == 0)
        return;
    (void)printf("Dead letters: %" PRIu64 " %s written to %s", dead_letters, written,
                 escaped(report->config->dead_letters->stream).text);
    if (dead_letters > (uint64_t)report->config->dead_letters->maxlen)
        (void)printf(", which keeps about %" PRId64, report->config->dead_letters->maxlen);
    (void)puts(" (" CTL_NAME " dlq list).");
}

static void tell_errors(const struct drain_tally *tally)
{
    if (tally->taken > 0)
        (void)printf("Errors: %" PRIu64 " had been taken by another consumer when their turn "
                     "came.\n",
                     tally->taken);
    if (tally->failed > 0)
        (void)printf("Errors: %" PRIu64 " were in a batch that was refused or not answered; what "
                     "was not settled is pending.\n",
                     tally->failed);
}

static void tell_ending(const struct drain_report *report, const struct drain_ending *ending)
{
    if (report->tally->gone > 0)
        (void)printf("%" PRIu64 " of these %s pending but no longer in the stream.\n",
                     report->tally->gone, report->tally->gone == 1 ? "was" : "were");
    tell_dead_letters(report);
    tell_errors(report->tally);
    if (!ending->is_interrupted && !ending->has_failed)
        return;
    (void)fputs(ending->has_failed ? "It broke off" : "Interrupted", stdout);
    if (!report->config->is_live)
        (void)fputs("; what is told is what it had seen", stdout);
    else if (report->config->values->from_start)
        (void)printf("; go on where it stopped with --from-start --run-id=%s",
                     report->config->run_id);
    else
        (void)fputs("; run it again to go on where it stopped", stdout);
    (void)puts(".");
}

static void tell_final(const struct drain_report *report, const struct drain_ending *ending,
                       uint64_t now_ns)
{
    struct figures figures = figures_of(report, now_ns);
    char duration[DURATION_TEXT_MAX];

    duration_print(figures.seconds, duration);
    (void)puts("=== FINAL DRAIN REPORT ===");
    (void)printf(LINE "%s\n", "Mode:", live_mode_names[report->config->values->mode]);
    (void)printf(LINE "%s\n", "Run:", report->config->run_id);
    tell_counts(stdout, report->tally);
    (void)printf(LINE "%s\n", "Duration:", duration);
    (void)printf(LINE "%.1f events/s\n", "Throughput:", figures.throughput);
    (void)printf(LINE "%.2f %%\n", "Filter rate:", 100 * figures.filter_rate);
    if (ending->after) {
        tell_change("Stream length:", report->length_before, ending->after->length);
        tell_change("Group lag:", report->lag_before, ending->after->lag);
        tell_change("Group pending:", report->pending_before, ending->after->pending);
    }
    tell_meaning(report, &figures);
    tell_ending(report, ending);
}

static void put_counts(json_t *object, const struct drain_tally *tally)
{
    struct count counts[COUNTS];

    read_counts(tally, counts);
    for (size_t i = 0; i < COUNTS; i++)
        document_put(object, counts[i].name, json_integer((json_int_t)counts[i].count));
}

static void tell_json(const struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns)
{
    const struct drain_look *after = ending->after;
    struct figures figures = figures_of(report, now_ns);
    json_t *object = json_pack("{s:s, s:s}", "mode", live_mode_names[report->config->values->mode],
                               "run_id", report->config->run_id);

    put_counts(object, report->tally);
    (void)json_object_update_new(
        object, json_pack("{s:f, s:f, s:f}", "duration_sec", figures.seconds, "throughput_per_sec",
                          figures.throughput, "filter_rate", figures.filter_rate));
    document_put(object, "stream_length_before", document_known(report->length_before));
    document_put(object, "stream_length_after", document_known(after ? after->length : -1));
    document_put(object, "lag_before", document_known(report->lag_before));
    document_put(object, "lag_after", document_known(after ? after->lag : -1));
    document_put(object, "pending_before", document_known(report->pending_before));
    document_put(object, "pending_after", document_known(after ? after->pending : -1));
    if (!report->config->is_live)
        document_put(object, "live_seconds", json_real(figures.live_seconds));
    document_put(object, "interrupted", json_boolean(ending->is_interrupted));
    document_put(object, "failed", json_boolean(ending->has_failed));
    (void)json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    (void)puts("");
    json_decref(object);
}

void drain_report_end(struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns)
{
    clear_bar(report);
    if (!report->is_terminal && !report->has_told)
        tell_block(report);
    if (report->config->values->json)
        tell_json(report, ending, now_ns);
    else
        tell_final(report, ending, now_ns);
}

#define HOUR_MS INT64_C(3600000)

enum {
    LABEL_WIDTH = 14,
    COUNT_WIDTH = 12, /* behind the bar */
    COLUMNS = 80,     /* in a pipe */
    BAR_MIN = 10,
    BAR_MAX = 120,
};

static const struct {
    const char *label;
    int64_t below_ms;
} ages[HISTOGRAM_AGES] = {
    {"under 10 min", HOUR_MS / 6},  {"10 min to 1 h", HOUR_MS},     {"1 to 6 h", 6 * HOUR_MS},
    {"6 to 24 h", 24 * HOUR_MS},    {"1 to 2 days", 48 * HOUR_MS},  {"2 to 3 days", 72 * HOUR_MS},
    {"3 to 5 days", 120 * HOUR_MS}, {"5 to 7 days", 168 * HOUR_MS}, {"7 to 30 days", 720 * HOUR_MS},
    {"over 30 days", INT64_MAX},
};

void drain_histogram_add(struct drain_histogram *histogram, const struct drain_event *event)
{
    size_t age = 0, step = HISTOGRAM_CONFIDENCES - 1;

    while (age < HISTOGRAM_AGES - 1 && event->age_ms >= ages[age].below_ms)
        age++;
    histogram->ages[age]++;
    if (event->has_confidence) {
        /* 1.00 is in the highest step; 0.15 is 2.999… of them. */
        step = (size_t)(event->confidence * 20 + 1e-9);
        step = step > 19 ? 19 : step;
    }
    histogram->confidences[step]++;
}

static uint64_t largest(const uint64_t *counts, size_t count)
{
    uint64_t most = 1;

    for (size_t i = 0; i < count; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

static void draw_row(const char *label, uint64_t count, uint64_t most, unsigned width)
{
    double share = (double)count / (double)most;
    unsigned bar = (unsigned)(share * width);

    (void)printf("  %-*s ", LABEL_WIDTH, label);
    if (count > 0 && bar == 0)
        bar = 1;
    for (unsigned i = 0; i < bar; i++)
        (void)fputs("█", stdout);
    (void)printf("%s%" PRIu64 "\n", bar > 0 ? " " : "", count);
}

static void draw_confidence(const uint64_t *counts, size_t step, unsigned width)
{
    char label[LABEL_WIDTH + 1];

    (void)snprintf(label, sizeof label, "%.2f to %.2f", (double)step / 20, (double)(step + 1) / 20);
    draw_row(label, counts[step], largest(counts, HISTOGRAM_CONFIDENCES), width);
}

void drain_histogram_draw(const struct drain_histogram *histogram)
{
    const struct terminal terminal = terminal_look();
    unsigned columns = terminal.is_one ? (unsigned)terminal.columns : COLUMNS;
    unsigned margin = 2 + LABEL_WIDTH + 1 + COUNT_WIDTH;
    unsigned width = columns > margin + BAR_MIN ? columns - margin : BAR_MIN;
    uint64_t unreadable = histogram->confidences[HISTOGRAM_CONFIDENCES - 1];

    width = width > BAR_MAX ? BAR_MAX : width;
    (void)puts("The backlog by age:");
    for (size_t i = 0; i < HISTOGRAM_AGES; i++)
        draw_row(ages[i].label, histogram->ages[i], largest(histogram->ages, HISTOGRAM_AGES),
                 width);
    (void)puts("The backlog by confidence:");
    for (size_t i = 0; i < HISTOGRAM_CONFIDENCES - 1; i++)
        draw_confidence(histogram->confidences, i, width);
    draw_row("not readable", unreadable, largest(histogram->confidences, HISTOGRAM_CONFIDENCES),
             width);
}
