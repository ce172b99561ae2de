/* SPDX-License-Identifier: MIT */
/*
 * What the router counts and measures: its one table of metrics, from which /metrics and the status
 * line are printed.
 *
 * It is told what has happened, in the words of the cycle; it decides nothing and asks nobody. What
 * is only known while Redis answers is unknown again when the session is lost. Embedded in the
 * vitals.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/backlog.h"
#include "common/service/counters.h"
#include "common/service/process_metrics.h"
#include "router/act/commit.h"
#include "router/act/cycle.h"
#include "router/settings/settings.h"
#include "router/tell/report.h"

struct metrics {
    const struct router_settings *settings;
    struct counters counters;
    struct process_metrics process;
};

/* What the status line shows; NaN: not known. */
struct metrics_summary {
    double open_orders;
    double lag;
    double pending;
    double published;
    double dropped; /* all other fates */
    bool safe_mode;
    bool redis_up;
};

/* The settings may change later: the limits are read when they are printed. */
void metrics_init(struct metrics *metrics, const struct router_settings *settings);
void metrics_deinit(struct metrics *metrics);

/* Redis answers; and a session is open. */
void metrics_connected(struct metrics *metrics);
void metrics_opened(struct metrics *metrics, bool group_recreated);

/* The session was lost, or a try at one failed. */
void metrics_lost(struct metrics *metrics);

/* A tick fired so late. */
void metrics_tick(struct metrics *metrics, uint64_t late_ms);

/* A commit's answer came, or its connection was lost. */
void metrics_commit(struct metrics *metrics, enum commit_outcome outcome, double seconds);

/* A cycle was decided and, if it had candidates, committed. */
void metrics_cycle(struct metrics *metrics, const struct cycle_report *cycle);

/* A cycle ended; all ends but CYCLE_DONE decide nothing. */
void metrics_ended(struct metrics *metrics, enum cycle_end end);

void metrics_backlog(struct metrics *metrics, const struct backlog *backlog);
void metrics_reading(struct metrics *metrics, bool paused);

/* The configuration was read again. */
void metrics_reload(struct metrics *metrics, bool successful);

/* Totals that are kept elsewhere, set before they are printed. */
struct metrics_totals {
    size_t window_candidates;
    uint64_t entries_lost;
    double behind_sec;
    const uint64_t *invalid; /* RULE_COUNT of them */
};
void metrics_print(struct metrics *metrics, const struct metrics_totals *totals, struct page *page);

struct metrics_summary metrics_summary(const struct metrics *metrics);
