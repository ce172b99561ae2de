/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_final.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/number.h"
#include "ctl/command.h"

#define LINE "%-24s"

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
    uint64_t paced = report->paces_all ? figures.processed : tally->by_action[DRAIN_OK];

    if (figures.seconds > 0)
        figures.throughput = (double)figures.processed / figures.seconds;
    if (figures.processed > 0)
        figures.filter_rate = (double)figures.filtered / (double)figures.processed;
    /* The first one goes at once. */
    figures.live_seconds =
        figures.seconds + (paced > 0 ? (double)(paced - 1) / report->throttle : 0);
    return figures;
}

static void tell_count(FILE *out, const char *name, uint64_t count)
{
    (void)fprintf(out, LINE "%" PRIu64 "\n", name, count);
}

void drain_final_counts(FILE *out, const struct drain_tally *tally)
{
    tell_count(out, "Total processed:", drain_tally_processed(tally));
    tell_count(out, "Filtered (age):", tally->by_action[DRAIN_OLD]);
    tell_count(out, "Filtered (symbol):", tally->by_action[DRAIN_NOT_ALLOWLISTED]);
    tell_count(out, "Filtered (confidence):", tally->by_action[DRAIN_LOW_CONFIDENCE]);
    tell_count(out, "Filtered (invalid):", tally->by_action[DRAIN_INVALID]);
    tell_count(out, "Executed:", tally->by_action[DRAIN_OK]);
    tell_count(out, "Errors:", drain_tally_errors(tally));
}

static void tell_amount(int64_t amount)
{
    if (amount < 0)
        (void)printf("unknown");
    else
        (void)printf("%" PRId64, amount);
}

static void tell_change(const char *name, int64_t before, int64_t after)
{
    (void)printf(LINE, name);
    tell_amount(before);
    (void)printf(" → ");
    tell_amount(after);
    (void)puts("");
}

static void tell_meaning(const struct drain_report *report, const struct figures *figures)
{
    char duration[DURATION_TEXT_MAX], rate[NUMBER_TEXT_MAX];

    if (report->is_live) {
        if (report->forward)
            (void)printf("Executed: those were audited, ACKed and republished to %s; nothing was "
                         "traded here.\n",
                         escaped(report->forward).text);
        else
            (void)puts("Executed: those were audited and ACKed only; nothing was traded.");
        (void)puts("Entries are never deleted: the group's lag falls, the stream's length does "
                   "not.");
        return;
    }
    if (report->forward)
        (void)printf("Executed: those would be audited, ACKed and republished to %s; nothing was "
                     "traded.\n",
                     escaped(report->forward).text);
    else
        (void)puts("Executed: those would be audited and ACKed only; nothing was traded.");
    drain_duration_print(figures->live_seconds, duration);
    number_shortest(report->throttle, rate);
    (void)printf("Dry run: nothing was written. A live run would take about %s at %s events/s.\n",
                 duration, rate);
}

static void tell_letters(const struct drain_report *report)
{
    uint64_t letters = report->tally->letters;
    const char *written = !report->is_live ? "would be" : letters == 1 ? "was" : "were";

    if (letters == 0)
        return;
    (void)printf("Dead letters: %" PRIu64 " %s written to %s", letters, written,
                 escaped(report->letters->stream).text);
    if (letters > (uint64_t)report->letters->maxlen)
        (void)printf(", which keeps about %" PRId64, report->letters->maxlen);
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
    tell_letters(report);
    tell_errors(report->tally);
    if (!ending->is_interrupted && !ending->has_failed)
        return;
    (void)fputs(ending->has_failed ? "It broke off" : "Interrupted", stdout);
    if (!report->is_live)
        (void)fputs("; what is told is what it had seen", stdout);
    else if (report->place->is_own)
        (void)printf("; go on where it stopped with --from-start --run-id=%s", report->run_id);
    else
        (void)fputs("; run it again to go on where it stopped", stdout);
    (void)puts(".");
}

void drain_final_tell(const struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns)
{
    struct figures figures = figures_of(report, now_ns);
    char duration[DURATION_TEXT_MAX];

    drain_duration_print(figures.seconds, duration);
    (void)puts("=== FINAL DRAIN REPORT ===");
    (void)printf(LINE "%s\n", "Mode:", report->is_live ? "live" : "dry-run");
    (void)printf(LINE "%s\n", "Run:", report->run_id);
    drain_final_counts(stdout, report->tally);
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

static json_t *amount(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static void put_counts(json_t *object, const struct drain_tally *tally)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"total_processed", drain_tally_processed(tally)},
        {"filtered_age", tally->by_action[DRAIN_OLD]},
        {"filtered_symbol", tally->by_action[DRAIN_NOT_ALLOWLISTED]},
        {"filtered_confidence", tally->by_action[DRAIN_LOW_CONFIDENCE]},
        {"filtered_invalid", tally->by_action[DRAIN_INVALID]},
        {"executed", tally->by_action[DRAIN_OK]},
        {"errors", drain_tally_errors(tally)},
        {"gone", tally->gone},
        {"dead_letters", tally->letters},
    };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        (void)json_object_set_new(object, counts[i].name,
                                  json_integer((json_int_t)counts[i].count));
}

void drain_final_json(const struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns)
{
    const struct drain_look *after = ending->after;
    struct figures figures = figures_of(report, now_ns);
    json_t *object = json_object();

    (void)json_object_set_new(object, "mode", json_string(report->is_live ? "live" : "dry-run"));
    (void)json_object_set_new(object, "run_id", json_string(report->run_id));
    put_counts(object, report->tally);
    (void)json_object_set_new(object, "duration_sec", json_real(figures.seconds));
    (void)json_object_set_new(object, "throughput_per_sec", json_real(figures.throughput));
    (void)json_object_set_new(object, "filter_rate", json_real(figures.filter_rate));
    (void)json_object_set_new(object, "stream_length_before", amount(report->length_before));
    (void)json_object_set_new(object, "stream_length_after", amount(after ? after->length : -1));
    (void)json_object_set_new(object, "lag_before", amount(report->lag_before));
    (void)json_object_set_new(object, "lag_after", amount(after ? after->lag : -1));
    (void)json_object_set_new(object, "pending_before", amount(report->pending_before));
    (void)json_object_set_new(object, "pending_after", amount(after ? after->pending : -1));
    if (!report->is_live)
        (void)json_object_set_new(object, "live_seconds", json_real(figures.live_seconds));
    (void)json_object_set_new(object, "interrupted", json_boolean(ending->is_interrupted));
    (void)json_object_set_new(object, "failed", json_boolean(ending->has_failed));
    (void)json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    (void)puts("");
    json_decref(object);
}
