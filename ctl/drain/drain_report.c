/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/redis/reply.h"
#include "ctl/drain/drain_final.h"

enum {
    SAMPLE = 5, /* lines of each kind; then one at 10, 100, 1000, … */
    BAR_WIDTH = 30,
};

static const uint64_t bar_ns = UINT64_C(200000000);
static const uint64_t block_ns = UINT64_C(5000000000);

void drain_duration_print(double seconds, char ret_text[static DURATION_TEXT_MAX])
{
    long long whole = llround(fmin(seconds, 1e12));

    if (seconds < 9.95)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%.1f s", seconds);
    else if (whole < 60)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lld s", whole);
    else if (whole < 3600)
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lldm %02llds", whole / 60, whole % 60);
    else
        (void)snprintf(ret_text, DURATION_TEXT_MAX, "%lldh %02lldm %02llds", whole / 3600,
                       whole / 60 % 60, whole % 60);
}

static const char *mark(const struct drain_report *report)
{
    return report->is_live ? "" : "[DRY-RUN] ";
}

static void tell_lacks(const struct drain_report *report, const struct drain_look *look)
{
    struct escaped stream = escaped(report->place->stream);

    if (look->lacks_stream)
        (void)fprintf(stderr, "%sThere is no stream %s yet: nothing to do\n", mark(report),
                      stream.text);
    if (look->lacks_group)
        (void)fprintf(stderr,
                      "%sThere is no such group on %s yet: nothing was given to it, and all counts "
                      "as new. A live run would refuse: start the executor first, which makes it\n",
                      mark(report), stream.text);
}

void drain_report_begin(struct drain_report *report, const struct drain_look *look, int64_t limit,
                        uint64_t now_ns)
{
    report->is_terminal = isatty(STDERR_FILENO) == 1;
    report->start_ns = report->told_ns = now_ns;
    report->length_before = look->length;
    report->lag_before = look->lag;
    report->pending_before = look->pending;
    report->expected = look->lag < 0 ? -1 : look->lag + look->pending;
    if (report->expected > limit)
        report->expected = limit;
    (void)fprintf(stderr, "[BACKLOG_DRAIN] Stream length: %" PRId64 " events\n", look->length);
    (void)fprintf(stderr, "Run %s: group %s\n", report->run_id, escaped(report->place->group).text);
    tell_lacks(report, look);
    if (look->lost > 0)
        (void)fprintf(stderr,
                      "%" PRId64 " or more entries were trimmed before the group was given them\n",
                      look->lost);
    if (!report->is_live && look->live)
        (void)fprintf(stderr,
                      "[DRY-RUN] A live run would refuse: consumer %s was active %.1f s ago\n",
                      escaped(look->live->name).text, (double)look->live_idle_ms / 1000);
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

/* At least two decimals, and all there are: 0.599 is no 0.60. */
static void print_confidence(double value, char ret_text[static NUMBER_TEXT_MAX])
{
    if (number_round(value, 2) == value)
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%.2f", value);
    else
        number_shortest(value, ret_text);
}

static char *survivor_line(const struct drain_report *report, const struct entry *entry,
                           const struct drain_event *event)
{
    struct drain_words words;
    char confidence[NUMBER_TEXT_MAX];

    drain_words_read(entry, &words);
    print_confidence(event->confidence, confidence);
    return memory_format("%s%s: %s %s (conf=%s, source=%s)\n", mark(report),
                         report->is_live ? "Processed" : "Would process", event->symbol, words.side,
                         confidence, words.source);
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
        print_confidence(event->confidence, confidence);
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
        (void)fputs("\r\033[K", stderr);
}

char *drain_report_line(struct drain_report *report, const struct entry *entry,
                        const struct drain_event *event, bool is_gone)
{
    uint64_t number = ++report->lines[event->action];

    if (!report->is_verbose && !is_sample(number))
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

static double rate_of(const struct drain_report *report, uint64_t now_ns)
{
    double seconds = (double)(now_ns - report->start_ns) / 1e9;

    return seconds > 0 ? (double)drain_tally_processed(report->tally) / seconds : 0;
}

static void tell_bar(const struct drain_report *report, uint64_t now_ns)
{
    uint64_t processed = drain_tally_processed(report->tally);
    double rate = rate_of(report, now_ns);
    char left[DURATION_TEXT_MAX] = "?", bar[BAR_WIDTH + 1];
    double share = report->expected > 0 ? (double)processed / (double)report->expected : 0;
    size_t full = (size_t)(fmin(share, 1) * BAR_WIDTH);

    if (report->expected < 0) {
        (void)fprintf(stderr, "\r\033[K%" PRIu64 " processed, %.1f/s", processed, rate);
        (void)fflush(stderr);
        return;
    }
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', full);
    bar[BAR_WIDTH] = '\0';
    if (rate > 0)
        drain_duration_print(fmax((double)report->expected - (double)processed, 0) / rate, left);
    (void)fprintf(stderr, "\r\033[K[%s] %3.0f%% %.1f/s, %s left", bar, fmin(share, 1) * 100, rate,
                  left);
    (void)fflush(stderr);
}

static void tell_block(struct drain_report *report)
{
    report->has_told = true;
    (void)fprintf(stderr, "=== PROGRESS STATS ===\n");
    drain_final_counts(stderr, report->tally);
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

void drain_report_end(struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns)
{
    clear_bar(report);
    if (!report->is_terminal && !report->has_told)
        tell_block(report);
    if (report->is_json)
        drain_final_json(report, ending, now_ns);
    else
        drain_final_tell(report, ending, now_ns);
}
