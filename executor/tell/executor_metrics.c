/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_metrics.h"

#include <math.h>
#include <sys/time.h>

#include "common/log/log.h"

void executor_metrics_set(struct executor_metrics *metrics, enum executor_metric metric,
                          double value)
{
    counters_set(&metrics->counters, metric, 0, value);
}

void executor_metrics_count(struct executor_metrics *metrics, enum executor_metric metric,
                            size_t label, double more)
{
    counters_add(&metrics->counters, metric, label, more);
}

double executor_metrics_value(const struct executor_metrics *metrics, enum executor_metric metric)
{
    return counters_value(&metrics->counters, metric, 0);
}

double executor_metrics_sum(const struct executor_metrics *metrics, enum executor_metric metric,
                            size_t labels)
{
    double sum = 0;

    for (size_t label = 0; label < labels; label++)
        sum += counters_value(&metrics->counters, metric, label);
    return sum;
}

void executor_metrics_reload(struct executor_metrics *metrics, bool successful)
{
    struct timeval now;

    executor_metrics_set(metrics, EXECUTOR_METRIC_RELOAD_SUCCESSFUL, successful);
    (void)gettimeofday(&now, NULL);
    if (successful)
        executor_metrics_set(metrics, EXECUTOR_METRIC_RELOAD_TIME, (double)now.tv_sec);
}

void executor_metrics_init(struct executor_metrics *metrics,
                           const struct executor_settings *settings)
{
    static const enum executor_metric of_group[] = {EXECUTOR_METRIC_LAG, EXECUTOR_METRIC_PENDING,
                                                    EXECUTOR_METRIC_OLDEST};

    *metrics = (struct executor_metrics){.settings = settings};
    counters_init(&metrics->counters, &executor_metrics_table);
    process_metrics_init(&metrics->process);
    for (size_t i = 0; i < sizeof of_group / sizeof *of_group; i++) {
        counters_fix_label(&metrics->counters, of_group[i], "stream", settings->keys.intents);
        counters_fix_label(&metrics->counters, of_group[i], "group", settings->keys.group);
    }
    executor_metrics_set(metrics, EXECUTOR_METRIC_BUILD_INFO, 1);
    executor_metrics_set(metrics, EXECUTOR_METRIC_REDIS_UP, 0);
    executor_metrics_set(metrics, EXECUTOR_METRIC_REFUSED, 0);
    executor_metrics_set(metrics, EXECUTOR_METRIC_SAFE_DRAIN,
                         settings->venue.kind == VENUE_SAFE_DRAIN);
    counters_choose(&metrics->counters, EXECUTOR_METRIC_BREAKER, BREAKER_CLOSED);
    executor_metrics_reload(metrics, true);
}

void executor_metrics_deinit(struct executor_metrics *metrics)
{
    counters_deinit(&metrics->counters);
    process_metrics_deinit(&metrics->process);
}

void executor_metrics_opened(struct executor_metrics *metrics, bool group_recreated)
{
    executor_metrics_count(metrics, EXECUTOR_METRIC_REDIS_CONNECTS, 0, 1);
    executor_metrics_count(metrics, EXECUTOR_METRIC_GROUPS_RECREATED, 0, group_recreated);
    executor_metrics_set(metrics, EXECUTOR_METRIC_REDIS_UP, 1);
}

void executor_metrics_lost(struct executor_metrics *metrics)
{
    static const enum executor_metric seen_in_redis[] = {
        EXECUTOR_METRIC_POSITIONS, EXECUTOR_METRIC_OPEN_ORDERS, EXECUTOR_METRIC_SAFE_MODE,
        EXECUTOR_METRIC_HOLD,      EXECUTOR_METRIC_LAG,         EXECUTOR_METRIC_PENDING,
        EXECUTOR_METRIC_OLDEST};

    executor_metrics_count(metrics, EXECUTOR_METRIC_REDIS_FAILURES, 0, 1);
    executor_metrics_set(metrics, EXECUTOR_METRIC_REDIS_UP, 0);
    executor_metrics_set(metrics, EXECUTOR_METRIC_REFUSED, 0);
    for (size_t i = 0; i < sizeof seen_in_redis / sizeof *seen_in_redis; i++)
        counters_unset(&metrics->counters, seen_in_redis[i]);
}

void executor_metrics_ended(struct executor_metrics *metrics, const struct ending *ending,
                            int64_t now_ms)
{
    executor_metrics_count(metrics, EXECUTOR_METRIC_INTENTS, ending->outcome, 1);
    counters_observe(&metrics->counters, EXECUTOR_METRIC_HANDLING_SECONDS, ending->seconds);
    if (ending->outcome == OUTCOME_INVALID)
        executor_metrics_count(metrics, EXECUTOR_METRIC_INVALID, ending->rule - 1, 1);
    else
        counters_observe(&metrics->counters, EXECUTOR_METRIC_AGE_SECONDS,
                         ending->age_seconds > 0 ? ending->age_seconds : 0);
    if (ending->positions >= 0)
        executor_metrics_set(metrics, EXECUTOR_METRIC_POSITIONS, (double)ending->positions);
    if (ending->outcome != OUTCOME_FILLED && ending->outcome != OUTCOME_CLOSED)
        return;
    executor_metrics_count(metrics, EXECUTOR_METRIC_EXECUTED, 0, 1);
    executor_metrics_set(metrics, EXECUTOR_METRIC_LAST_EXECUTION, (double)now_ms / 1000.0);
}

void executor_metrics_hold(struct executor_metrics *metrics, enum hold_reason hold)
{
    executor_metrics_set(metrics, EXECUTOR_METRIC_HOLD, hold != HOLD_NONE);
    executor_metrics_set(metrics, EXECUTOR_METRIC_SAFE_MODE, hold == HOLD_SAFE_MODE);
}

void executor_metrics_breaker(struct executor_metrics *metrics, enum breaker_state state)
{
    counters_choose(&metrics->counters, EXECUTOR_METRIC_BREAKER, state);
    executor_metrics_count(metrics, EXECUTOR_METRIC_BREAKER_OPENED, 0, state == BREAKER_OPEN);
}

void executor_metrics_backlog(struct executor_metrics *metrics, const struct backlog *backlog)
{
    executor_metrics_set(metrics, EXECUTOR_METRIC_LAG, backlog->lag);
    executor_metrics_set(metrics, EXECUTOR_METRIC_PENDING, backlog->pending);
    executor_metrics_set(metrics, EXECUTOR_METRIC_OLDEST, backlog->oldest_sec);
}

void executor_metrics_print(struct executor_metrics *metrics, struct page *page)
{
    executor_metrics_set(metrics, EXECUTOR_METRIC_MAX_OPEN,
                         (double)metrics->settings->guards.max_open);
    executor_metrics_set(metrics, EXECUTOR_METRIC_LOG_DROPPED, (double)log_dropped());
    counters_print(&metrics->counters, page);
    process_metrics_print(&metrics->process, page);
}
