/* SPDX-License-Identifier: MIT */
/*
 * What the executor counts and measures: its one table of metrics, from which /metrics and the
 * status line are printed. It is told what has happened; it decides nothing and asks nobody. What
 * is only known while Redis answers is unknown again when the session is lost. Embedded in the
 * vitals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/backlog.h"
#include "common/service/counters.h"
#include "common/service/process_metrics.h"
#include "executor/decide/outcome.h"
#include "executor/settings/executor_settings.h"
#include "executor/tell/executor_metrics_table.h"
#include "executor/tell/executor_report.h"

struct executor_metrics {
    const struct executor_settings *settings;
    struct counters counters;
    struct process_metrics process;
};

/* The settings may change later: the limits are read when they are printed. */
void executor_metrics_init(struct executor_metrics *metrics,
                           const struct executor_settings *settings);
void executor_metrics_deinit(struct executor_metrics *metrics);

void executor_metrics_opened(struct executor_metrics *metrics, bool group_recreated);
void executor_metrics_lost(struct executor_metrics *metrics);
void executor_metrics_ended(struct executor_metrics *metrics, const struct ending *ending,
                            int64_t now_ms);
void executor_metrics_hold(struct executor_metrics *metrics, enum hold_reason hold);
void executor_metrics_breaker(struct executor_metrics *metrics, enum breaker_state state);
void executor_metrics_backlog(struct executor_metrics *metrics, const struct backlog *backlog);
void executor_metrics_reload(struct executor_metrics *metrics, bool successful);

void executor_metrics_set(struct executor_metrics *metrics, enum executor_metric metric,
                          double value);
void executor_metrics_count(struct executor_metrics *metrics, enum executor_metric metric,
                            size_t label, double more);
double executor_metrics_value(const struct executor_metrics *metrics, enum executor_metric metric);

/* All that was counted of a row with a label. */
double executor_metrics_sum(const struct executor_metrics *metrics, enum executor_metric metric,
                            size_t labels);

void executor_metrics_print(struct executor_metrics *metrics, struct page *page);
