/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_histogram.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctl/frame/terminal.h"

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
