/* SPDX-License-Identifier: MIT */
/*
 * The metrics that every Prometheus client has about its process: process_cpu_seconds_total and the
 * like, without a prefix of ours.
 *
 * Read when they are printed, from the process's own files in /proc alone, so that ProcSubset=pid
 * takes nothing away; what cannot be read is left out. Embedded in what prints them.
 */
#pragma once

#include "common/service/counters.h"

struct process_metrics {
    struct counters counters;
};

/* The time at which the process started is worked out here, once. */
void process_metrics_init(struct process_metrics *metrics);
void process_metrics_deinit(struct process_metrics *metrics);

void process_metrics_print(struct process_metrics *metrics, struct page *page);
