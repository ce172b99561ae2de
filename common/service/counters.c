/* SPDX-License-Identifier: MIT */
#include "common/service/counters.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

/* A histogram's values: one bucket per bound, each with what fell into it and not below, then those
 * of +Inf, then the sum of all observations. */
static size_t value_count(const struct counter_row *row)
{
    if (row->kind == HISTOGRAM)
        return row->bound_count + 2;
    return row->label ? row->labels : 1;
}

static const struct counter_row *row_of(const struct counters *counters, size_t row)
{
    assert(row < counters->table->count);
    return &counters->table->rows[row];
}

static double *slot(const struct counters *counters, size_t row, size_t label)
{
    assert(label < value_count(row_of(counters, row)));
    return &counters->values[counters->first[row] + label];
}

void counters_init(struct counters *counters, const struct counter_table *table)
{
    size_t total = 0;

    *counters = (struct counters){
        .table = table,
        .first = memory_array(table->count, sizeof *counters->first),
        .fixed = memory_array(table->count, sizeof *counters->fixed),
    };
    for (size_t row = 0; row < table->count; row++) {
        assert(table->rows[row].kind != HISTOGRAM || !table->rows[row].label);
        counters->first[row] = total;
        total += value_count(&table->rows[row]);
    }
    counters->values = memory_array(total, sizeof *counters->values);
    for (size_t row = 0; row < table->count; row++)
        if (table->rows[row].kind == GAUGE)
            counters_unset(counters, row);
}

void counters_deinit(struct counters *counters)
{
    for (size_t row = 0; row < counters->table->count; row++)
        free(counters->fixed[row]);
    free(counters->fixed);
    free(counters->first);
    free(counters->values);
    *counters = (struct counters){0};
}

void counters_add(struct counters *counters, size_t row, size_t label, double more)
{
    assert(row_of(counters, row)->kind == COUNTER && more >= 0);
    *slot(counters, row, label) += more;
}

void counters_set(struct counters *counters, size_t row, size_t label, double value)
{
    assert(row_of(counters, row)->kind != HISTOGRAM);
    *slot(counters, row, label) = value;
}

void counters_observe(struct counters *counters, size_t row, double value)
{
    const struct counter_row *histogram = row_of(counters, row);
    size_t bucket = 0;

    assert(histogram->kind == HISTOGRAM);
    while (bucket < histogram->bound_count && value > histogram->bounds[bucket])
        bucket++;
    *slot(counters, row, bucket) += 1;
    *slot(counters, row, histogram->bound_count + 1) += value;
}

void counters_choose(struct counters *counters, size_t row, size_t label)
{
    assert(row_of(counters, row)->kind == GAUGE);
    for (size_t i = 0; i < value_count(row_of(counters, row)); i++)
        *slot(counters, row, i) = i == label;
}

void counters_unset(struct counters *counters, size_t row)
{
    assert(row_of(counters, row)->kind != HISTOGRAM);
    for (size_t i = 0; i < value_count(row_of(counters, row)); i++)
        *slot(counters, row, i) = NAN;
}

static double observations(const struct counters *counters, size_t row)
{
    double count = 0;

    for (size_t i = 0; i <= row_of(counters, row)->bound_count; i++)
        count += *slot(counters, row, i);
    return count;
}

double counters_value(const struct counters *counters, size_t row, size_t label)
{
    if (row_of(counters, row)->kind == HISTOGRAM)
        return observations(counters, row);
    return *slot(counters, row, label);
}

/* Backslash, newline and, in a label's value, the quote. */
static void add_escaped(struct page *page, const char *text, bool is_label)
{
    for (; *text; text++) {
        if (*text == '\n')
            page_add_bytes(page, "\\n", 2);
        else if (*text == '\\' || (is_label && *text == '"'))
            page_add(page, "\\%c", *text);
        else
            page_add_bytes(page, text, 1);
    }
}

static void add_label(struct page *page, const char *name, const char *value)
{
    page_add(page, "%s%s=\"", page->length > 0 ? "," : "", name);
    add_escaped(page, value, true);
    page_add_bytes(page, "\"", 1);
}

void counters_fix_label(struct counters *counters, size_t row, const char *name, const char *value)
{
    struct page labels = {0};

    assert(row < counters->table->count);
    if (counters->fixed[row])
        page_add(&labels, "%s", counters->fixed[row]);
    add_label(&labels, name, value);
    free(counters->fixed[row]);
    counters->fixed[row] = labels.bytes;
}

/* One line: its own label may be NULL. */
static void add_sample(const struct counters *counters, size_t row, const char *ending,
                       const char *label, const char *label_value, double value, struct page *page)
{
    struct page labels = {0};
    char text[NUMBER_TEXT_MAX];

    if (counters->fixed[row])
        page_add(&labels, "%s", counters->fixed[row]);
    if (label)
        add_label(&labels, label, label_value);
    page_add(page, "%s%s%s", counters->table->prefix, row_of(counters, row)->name, ending);
    if (labels.length > 0)
        page_add(page, "{%s}", labels.bytes);
    number_shortest(value, text);
    page_add(page, " %s\n", text);
    page_free(&labels);
}

static void add_histogram(const struct counters *counters, size_t row, struct page *page)
{
    const struct counter_row *histogram = row_of(counters, row);
    char bound[NUMBER_TEXT_MAX];
    double below = 0;

    for (size_t i = 0; i < histogram->bound_count; i++) {
        below += *slot(counters, row, i);
        number_shortest(histogram->bounds[i], bound);
        add_sample(counters, row, "_bucket", "le", bound, below, page);
    }
    double all = observations(counters, row);
    add_sample(counters, row, "_bucket", "le", "+Inf", all, page);
    add_sample(counters, row, "_sum", NULL, NULL, *slot(counters, row, histogram->bound_count + 1),
               page);
    add_sample(counters, row, "_count", NULL, NULL, all, page);
}

static void add_series(const struct counters *counters, size_t row, struct page *page)
{
    const struct counter_row *plain = row_of(counters, row);

    for (size_t i = 0; i < value_count(plain); i++) {
        double value = *slot(counters, row, i);
        if (!isnan(value))
            add_sample(counters, row, "", plain->label, plain->label ? plain->label_name(i) : NULL,
                       value, page);
    }
}

static const char *const kinds[] = {"counter", "gauge", "histogram"};

/* The one value of a label is known only at run time: a version. */
static void list_values(const struct counter_row *row, FILE *out)
{
    for (size_t i = 0; row->labels > 1 && i < row->labels; i++)
        (void)fprintf(out, "%s%s", i > 0 ? " " : "", row->label_name(i));
}

void counters_list_head(FILE *out)
{
    (void)fputs("name\tkind\tlabel\tvalues\thelp\n", out);
}

void counters_list(const struct counter_table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct counter_row *row = &table->rows[i];
        (void)fprintf(out, "%s%s\t%s\t%s\t", table->prefix, row->name, kinds[row->kind],
                      row->label ? row->label : "");
        list_values(row, out);
        (void)fprintf(out, "\t%s\n", row->help);
    }
}

void counters_print(const struct counters *counters, struct page *page)
{
    for (size_t i = 0; i < counters->table->count; i++) {
        const struct counter_row *row = row_of(counters, i);
        page_add(page, "# HELP %s%s ", counters->table->prefix, row->name);
        add_escaped(page, row->help, false);
        page_add(page, "\n# TYPE %s%s %s\n", counters->table->prefix, row->name, kinds[row->kind]);
        if (row->kind == HISTOGRAM)
            add_histogram(counters, i, page);
        else
            add_series(counters, i, page);
    }
}
