/* SPDX-License-Identifier: MIT */
/*
 * What the executor counts and measures: its one table of metrics, with those of every service
 * behind it, from which /metrics and the status line are printed. Dashboards and alerts know the
 * rows by their names.
 *
 * It takes facts; it decides nothing and asks nobody. What is only known while Redis answers is
 * unknown again when the session is lost. Embedded in the vitals.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/service/counters.h"
#include "common/service/service_metrics.h"
#include "executor/act/executor_fact.h"
#include "executor/settings/executor_settings.h"

struct executor_metrics {
    const struct executor_settings *settings;
    struct counters counters;
    struct service_metrics service;
};

/* The executor's own in the status line. */
struct executor_metrics_summary {
    double open_orders; /* NaN: not known */
    double executed;
    double ended;
    bool holds;
};

/* For --list-metrics. */
void executor_metrics_list(FILE *out);

/* The settings may change later: the limits are read when they are printed. */
void executor_metrics_init(struct executor_metrics *metrics,
                           const struct executor_settings *settings);
void executor_metrics_deinit(struct executor_metrics *metrics);

void executor_metrics_fact(struct executor_metrics *metrics, const struct executor_fact *fact);

void executor_metrics_print(struct executor_metrics *metrics, size_t in_hand, struct page *page);

struct executor_metrics_summary executor_metrics_summary(const struct executor_metrics *metrics);
