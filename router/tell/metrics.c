/* SPDX-License-Identifier: MIT */
#include "router/tell/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "common/log/log.h"
#include "router/tell/metrics_table.h"

static void set(struct metrics *metrics, enum metric metric, double value)
{
    counters_set(&metrics->counters, metric, 0, value);
}

static void count(struct metrics *metrics, enum metric metric, size_t label, double more)
{
    counters_add(&metrics->counters, metric, label, more);
}

static double value_of(const struct metrics *metrics, enum metric metric)
{
    return counters_value(&metrics->counters, metric, 0);
}

static double wall_seconds(void)
{
    struct timeval now;

    (void)gettimeofday(&now, NULL);
    return (double)now.tv_sec;
}

void metrics_reload(struct metrics *metrics, bool successful)
{
    set(metrics, METRIC_RELOAD_SUCCESSFUL, successful);
    if (successful)
        set(metrics, METRIC_RELOAD_TIME, wall_seconds());
}

void metrics_init(struct metrics *metrics, const struct router_settings *settings)
{
    static const enum metric of_group[] = {METRIC_LAG, METRIC_PENDING, METRIC_OLDEST, METRIC_HELD};
    const struct keys *keys = &settings->keys;

    *metrics = (struct metrics){.settings = settings};
    counters_init(&metrics->counters, &metrics_table);
    process_metrics_init(&metrics->process);
    for (size_t i = 0; i < sizeof of_group / sizeof *of_group; i++) {
        counters_fix_label(&metrics->counters, of_group[i], "stream", keys->signals);
        counters_fix_label(&metrics->counters, of_group[i], "group", keys->group);
    }
    set(metrics, METRIC_BUILD_INFO, 1);
    set(metrics, METRIC_REDIS_UP, 0);
    set(metrics, METRIC_LEADER, 0);
    set(metrics, METRIC_PAUSED, 0);
    metrics_reload(metrics, true);
}

void metrics_deinit(struct metrics *metrics)
{
    counters_deinit(&metrics->counters);
    process_metrics_deinit(&metrics->process);
}

void metrics_connected(struct metrics *metrics)
{
    if (value_of(metrics, METRIC_REDIS_UP) < 1)
        count(metrics, METRIC_REDIS_CONNECTS, 0, 1);
    set(metrics, METRIC_REDIS_UP, 1);
}

void metrics_opened(struct metrics *metrics, bool group_recreated)
{
    metrics_connected(metrics);
    count(metrics, METRIC_GROUPS_RECREATED, 0, group_recreated);
    set(metrics, METRIC_LEADER, 1);
}

void metrics_lost(struct metrics *metrics)
{
    static const enum metric seen_in_redis[] = {
        METRIC_CAPACITY_STATE, METRIC_OPEN_ORDERS, METRIC_SUSPECT, METRIC_DAILY_LIMIT,
        METRIC_ROLLED_BACK,    METRIC_SAFE_MODE,   METRIC_LAG,     METRIC_PENDING,
        METRIC_OLDEST};

    count(metrics, METRIC_REDIS_FAILURES, 0, 1);
    set(metrics, METRIC_REDIS_UP, 0);
    set(metrics, METRIC_LEADER, 0);
    set(metrics, METRIC_PAUSED, 0);
    for (size_t i = 0; i < sizeof seen_in_redis / sizeof *seen_in_redis; i++)
        counters_unset(&metrics->counters, seen_in_redis[i]);
}

void metrics_tick(struct metrics *metrics, uint64_t late_ms)
{
    counters_observe(&metrics->counters, METRIC_LATENESS, (double)late_ms / 1000.0);
    if (late_ms > ROUTER_LATE_MS_MAX)
        count(metrics, METRIC_UNDECIDED, UNDECIDED_LATE, 1);
}

void metrics_commit(struct metrics *metrics, enum commit_outcome outcome, double seconds)
{
    count(metrics, METRIC_COMMITS, outcome, 1);
    if (outcome != COMMIT_UNKNOWN)
        counters_observe(&metrics->counters, METRIC_COMMIT_SECONDS, seconds);
}

void metrics_ended(struct metrics *metrics, enum cycle_end end)
{
    switch (end) {
    case CYCLE_DONE:
        break;
    case CYCLE_GAVE_UP:
        count(metrics, METRIC_UNDECIDED, UNDECIDED_MOVED, 1);
        break;
    case CYCLE_REFUSED:
        count(metrics, METRIC_UNDECIDED, UNDECIDED_REFUSED, 1);
        break;
    case CYCLE_FENCED:
        count(metrics, METRIC_UNDECIDED, UNDECIDED_FENCED, 1);
        break;
    }
}

static void take_capacity(struct metrics *metrics, const struct cycle_report *cycle)
{
    const struct snapshot *snapshot = cycle->snapshot;
    enum capacity_state state = cycle->plan->allowance.state;
    bool safe = cycle->plan->safe_mode;

    count(metrics, METRIC_CYCLES, safe ? (size_t)CYCLE_STATE_SAFE_MODE : (size_t)state, 1);
    counters_choose(&metrics->counters, METRIC_CAPACITY_STATE, state);
    set(metrics, METRIC_SAFE_MODE, safe);
    set(metrics, METRIC_SUSPECT, cycle->plan->allowance.suspect);
    set(metrics, METRIC_DAILY_LIMIT, cycle->plan->allowance.daily_limit);
    set(metrics, METRIC_ROLLED_BACK, snapshot->capacity.rolled_back);
    set(metrics, METRIC_HELD, (double)cycle->held);
    set(metrics, METRIC_OPEN_ORDERS,
        snapshot->capacity.open.kind == OPEN_ORDERS_KNOWN ? (double)snapshot->capacity.open.count
                                                          : NAN);
}

void metrics_cycle(struct metrics *metrics, const struct cycle_report *cycle)
{
    uint64_t published = cycle->settled->of[FATE_PUBLISHED];
    double now = (double)cycle->snapshot->now_ms / 1000.0;

    for (size_t fate = 0; fate < FATE_COUNT; fate++)
        count(metrics, METRIC_SIGNALS, fate, (double)cycle->settled->of[fate]);
    count(metrics, METRIC_PUBLISHED, 0, (double)published);
    counters_observe(&metrics->counters, METRIC_BATCH, (double)cycle->plan->count);
    take_capacity(metrics, cycle);
    set(metrics, METRIC_PUBLISHED_SINCE,
        (double)cycle->snapshot->capacity.published_since + (double)published);
    set(metrics, METRIC_LAST_CYCLE, now);
    if (published > 0)
        set(metrics, METRIC_LAST_PUBLISH, now);
}

void metrics_backlog(struct metrics *metrics, const struct backlog *backlog)
{
    set(metrics, METRIC_LAG, backlog->lag);
    set(metrics, METRIC_PENDING, backlog->pending);
    set(metrics, METRIC_OLDEST, backlog->oldest_sec);
}

void metrics_reading(struct metrics *metrics, bool paused)
{
    set(metrics, METRIC_PAUSED, paused);
}

void metrics_print(struct metrics *metrics, const struct metrics_totals *totals, struct page *page)
{
    const struct capacity_rules *capacity = &metrics->settings->plan.capacity;

    set(metrics, METRIC_MAX_OPEN, (double)capacity->max_open);
    set(metrics, METRIC_TARGET_OPEN, (double)capacity->target_open);
    set(metrics, METRIC_WINDOW, (double)totals->window_candidates);
    set(metrics, METRIC_ENTRIES_LOST, (double)totals->entries_lost);
    set(metrics, METRIC_BEHIND, totals->behind_sec);
    set(metrics, METRIC_LOG_DROPPED, (double)log_dropped());
    for (size_t rule = RULE_NONE + 1; rule < RULE_SIGNAL_COUNT; rule++)
        counters_set(&metrics->counters, METRIC_INVALID, rule - 1, (double)totals->invalid[rule]);
    counters_print(&metrics->counters, page);
    process_metrics_print(&metrics->process, page);
}

struct metrics_summary metrics_summary(const struct metrics *metrics)
{
    struct metrics_summary summary = {
        .open_orders = value_of(metrics, METRIC_OPEN_ORDERS),
        .lag = value_of(metrics, METRIC_LAG),
        .pending = value_of(metrics, METRIC_PENDING),
        .published = value_of(metrics, METRIC_PUBLISHED),
        .safe_mode = value_of(metrics, METRIC_SAFE_MODE) > 0,
        .redis_up = value_of(metrics, METRIC_REDIS_UP) > 0,
    };

    for (size_t fate = 0; fate < FATE_COUNT; fate++)
        if (fate != FATE_PUBLISHED)
            summary.dropped += counters_value(&metrics->counters, METRIC_SIGNALS, fate);
    return summary;
}
