/* SPDX-License-Identifier: MIT */
/*
 * What the router counts and measures: its one table of metrics, with those of every service behind
 * it, from which /metrics and the status line are printed. Dashboards and alerts know the rows by
 * their names.
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
#include "router/act/fact.h"
#include "router/settings/settings.h"

struct metrics {
    const struct router_settings *settings;
    struct counters counters;
    struct service_metrics service;
};

/* The router's own in the status line. */
struct metrics_summary {
    double open_orders; /* NaN: not known */
    double published;
    double dropped; /* all other fates */
    bool safe_mode;
};

/* For --list-metrics. */
void metrics_list(FILE *out);

/* The settings may change later: the limits are read when they are printed. */
void metrics_init(struct metrics *metrics, const struct router_settings *settings);
void metrics_deinit(struct metrics *metrics);

void metrics_fact(struct metrics *metrics, const struct router_fact *fact);

/* What is only looked at when they are printed. */
struct metrics_now {
    size_t window_candidates;
    double behind_sec;
};
void metrics_print(struct metrics *metrics, const struct metrics_now *now, struct page *page);

struct metrics_summary metrics_summary(const struct metrics *metrics);
