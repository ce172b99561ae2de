/* SPDX-License-Identifier: MIT */
/*
 * A backlog by age and by confidence, drawn in the terminal, so that filters can be chosen by
 * looking. It counts every entry, whatever the filters make of it. A plain value.
 */
#pragma once

#include <stdint.h>

#include "ctl/drain/decide/drain_filter.h"

enum { HISTOGRAM_AGES = 10, HISTOGRAM_CONFIDENCES = 21 };

struct drain_histogram {
    uint64_t ages[HISTOGRAM_AGES];
    uint64_t confidences[HISTOGRAM_CONFIDENCES]; /* steps of 0.05; the last: not readable */
};

void drain_histogram_add(struct drain_histogram *histogram, const struct drain_event *event);

/* On stdout, as wide as that is. */
void drain_histogram_draw(const struct drain_histogram *histogram);
