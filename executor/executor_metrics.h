/* SPDX-License-Identifier: MIT */
/*
 * What the executor counts and measures: its one table of metrics, from which /metrics and the
 * status line are printed. It is told what has happened; it decides nothing and asks nobody. What
 * is only known while Redis answers is unknown again when the session is lost. Embedded in the
 * signs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/backlog.h"
#include "common/service/counters.h"
#include "common/service/process_metrics.h"
#include "executor/ending.h"
#include "executor/executor_settings.h"
#include "executor/figures_table.h"
#include "executor/journal.h"

struct figures {
    const struct executor_settings *settings;
    struct counters counters;
    struct process_metrics process;
};

/* The settings may change later: the limits are read when they are printed. */
void figures_init(struct figures *figures, const struct executor_settings *settings);
void figures_deinit(struct figures *figures);

void figures_opened(struct figures *figures, bool group_recreated);
void figures_lost(struct figures *figures);
void figures_ended(struct figures *figures, const struct ending *ending, int64_t now_ms);
void figures_hold(struct figures *figures, enum hold hold);
void figures_breaker(struct figures *figures, enum breaker_state state);
void figures_backlog(struct figures *figures, const struct backlog *backlog);
void figures_reload(struct figures *figures, bool successful);

void figures_set(struct figures *figures, enum figure figure, double value);
void figures_count(struct figures *figures, enum figure figure, size_t label, double more);
double figures_value(const struct figures *figures, enum figure figure);

/* All that was counted of a row with a label. */
double figures_sum(const struct figures *figures, enum figure figure, size_t labels);

void figures_print(struct figures *figures, struct page *page);
