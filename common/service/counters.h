/* SPDX-License-Identifier: MIT */
/*
 * The counters table: what a program counts and measures, each row with its kind and its help, and
 * printed as Prometheus reads it.
 *
 * A program writes one table and numbers its rows with an enum; whatever shows numbers takes them
 * from here. Counters and histograms start at 0, gauges are not known until they are set, and what
 * is not known has its help and no sample: never a 0 that nobody measured. One instance per table,
 * on the heap of its owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/service/page.h"

enum counter_kind { COUNTER, GAUGE, HISTOGRAM };

struct counter_row {
    const char *name; /* without the prefix */
    enum counter_kind kind;
    const char *help;  /* one sentence */
    const char *label; /* NULL: the row is one series */
    size_t labels;     /* with a label: its values are 0 to labels - 1 */
    const char *(*label_name)(size_t index);
    const double *bounds; /* HISTOGRAM: ascending, without +Inf; such a row has no label */
    size_t bound_count;
};

struct counter_table {
    const char *prefix; /* "quantum_router_" */
    const struct counter_row *rows;
    size_t count;
};

struct counters {
    const struct counter_table *table;
    double *values; /* of all series of all rows; NaN: not known */
    size_t *first;  /* per row, where its values begin */
    char **fixed;   /* per row, labels that are the same in all of its series; NULL: none */
};

void counters_init(struct counters *counters, const struct counter_table *table);
void counters_deinit(struct counters *counters);

/* A label of a row whose value is known only at run time, but never changes: a stream, a group. */
void counters_fix_label(struct counters *counters, size_t row, const char *name, const char *value);

/* `label` is 0 for rows without one; NaN sets a gauge to not known. */
void counters_add(struct counters *counters, size_t row, size_t label, double more);
void counters_set(struct counters *counters, size_t row, size_t label, double value);
void counters_observe(struct counters *counters, size_t row, double value);

/* One of a gauge's series is 1, the others 0. */
void counters_choose(struct counters *counters, size_t row, size_t label);

/* None of the row's series is known. */
void counters_unset(struct counters *counters, size_t row);

/* NaN when it is not known. A histogram's value is the number of its observations. */
double counters_value(const struct counters *counters, size_t row, size_t label);

/* The rows, one line each, parted by tabs: name, kind, label, its values with blanks between them,
 * help; and the line of titles that goes before all of them. */
void counters_list_head(FILE *out);
void counters_list(const struct counter_table *table, FILE *out);

/* All rows, with what is known of each, in the text format 0.0.4. */
void counters_print(const struct counters *counters, struct page *page);
