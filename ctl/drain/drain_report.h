/* SPDX-License-Identifier: MIT */
/*
 * What a drain tells: lines about entries, progress, and the report at the end.
 *
 * Lines and progress go to stderr: on a terminal a bar that is redrawn in place, elsewhere a block
 * every few seconds. The report goes to stdout. Of each kind of line a sample is shown, unless all
 * are wanted. One for each run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_group.h"
#include "ctl/drain/drain_tally.h"

struct drain_report {
    const struct drain_config *config;
    const struct drain_tally *tally;

    bool is_terminal; /* stderr */
    bool has_told;    /* a block of progress */
    uint64_t start_ns, told_ns;
    int64_t expected; /* entries; negative: not known */
    uint64_t lines[DRAIN_ACTIONS];
    int64_t length_before, lag_before, pending_before;
};

/* How it ended, and what is there now. */
struct drain_ending {
    bool is_interrupted;
    bool has_failed;
    const struct drain_look *after; /* NULL: not known */
};

void drain_report_begin(struct drain_report *report, const struct drain_look *look,
                        uint64_t now_ns);

/* The line about an entry, to be printed when it is settled; NULL outside of the sample. The caller
 * frees it. */
char *drain_report_line(struct drain_report *report, const struct entry *entry,
                        const struct drain_event *event, bool is_gone);

/* Prints it, unless it is NULL. */
void drain_report_say(const struct drain_report *report, const char *line);

void drain_report_tick(struct drain_report *report, uint64_t now_ns);
void drain_report_end(struct drain_report *report, const struct drain_ending *ending,
                      uint64_t now_ns);

/*
 * A backlog by age and by confidence, drawn in the terminal, so that filters can be chosen by
 * looking. It counts every entry, whatever the filters make of it. A plain value.
 */

enum { HISTOGRAM_AGES = 10, HISTOGRAM_CONFIDENCES = 21 };

struct drain_histogram {
    uint64_t ages[HISTOGRAM_AGES];
    uint64_t confidences[HISTOGRAM_CONFIDENCES]; /* steps of 0.05; the last: not readable */
};

void drain_histogram_add(struct drain_histogram *histogram, const struct drain_event *event);

/* On stdout, to its width. */
void drain_histogram_draw(const struct drain_histogram *histogram);
