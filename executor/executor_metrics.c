/* SPDX-License-Identifier: MIT */
#include "executor/figures.h"

#include <math.h>
#include <sys/time.h>

#include "common/base/log.h"

void figures_set(struct figures *figures, enum figure figure, double value)
{
    counters_set(&figures->counters, figure, 0, value);
}

void figures_count(struct figures *figures, enum figure figure, size_t label, double more)
{
    counters_add(&figures->counters, figure, label, more);
}

double figures_value(const struct figures *figures, enum figure figure)
{
    return counters_value(&figures->counters, figure, 0);
}

double figures_sum(const struct figures *figures, enum figure figure, size_t labels)
{
    double sum = 0;

    for (size_t label = 0; label < labels; label++)
        sum += counters_value(&figures->counters, figure, label);
    return sum;
}

void figures_reload(struct figures *figures, bool successful)
{
    struct timeval now;

    figures_set(figures, FIGURE_RELOAD_SUCCESSFUL, successful);
    (void)gettimeofday(&now, NULL);
    if (successful)
        figures_set(figures, FIGURE_RELOAD_TIME, (double)now.tv_sec);
}

void figures_init(struct figures *figures, const struct executor_settings *settings)
{
    static const enum figure of_group[] = {FIGURE_LAG, FIGURE_PENDING, FIGURE_OLDEST};

    *figures = (struct figures){.settings = settings};
    counters_init(&figures->counters, &figures_table);
    process_metrics_init(&figures->process);
    for (size_t i = 0; i < sizeof of_group / sizeof *of_group; i++) {
        counters_fix_label(&figures->counters, of_group[i], "stream", settings->keys.intents);
        counters_fix_label(&figures->counters, of_group[i], "group", settings->keys.group);
    }
    figures_set(figures, FIGURE_BUILD_INFO, 1);
    figures_set(figures, FIGURE_REDIS_UP, 0);
    figures_set(figures, FIGURE_REFUSED, 0);
    figures_set(figures, FIGURE_SAFE_DRAIN, settings->venue == VENUE_SAFE_DRAIN);
    counters_choose(&figures->counters, FIGURE_BREAKER, BREAKER_CLOSED);
    figures_reload(figures, true);
}

void figures_deinit(struct figures *figures)
{
    counters_deinit(&figures->counters);
    process_metrics_deinit(&figures->process);
}

void figures_opened(struct figures *figures, bool group_recreated)
{
    figures_count(figures, FIGURE_REDIS_CONNECTS, 0, 1);
    figures_count(figures, FIGURE_GROUPS_RECREATED, 0, group_recreated);
    figures_set(figures, FIGURE_REDIS_UP, 1);
}

void figures_lost(struct figures *figures)
{
    static const enum figure seen_in_redis[] = {
        FIGURE_POSITIONS, FIGURE_OPEN_ORDERS, FIGURE_SAFE_MODE, FIGURE_HOLD,
        FIGURE_LAG,       FIGURE_PENDING,     FIGURE_OLDEST};

    figures_count(figures, FIGURE_REDIS_FAILURES, 0, 1);
    figures_set(figures, FIGURE_REDIS_UP, 0);
    figures_set(figures, FIGURE_REFUSED, 0);
    for (size_t i = 0; i < sizeof seen_in_redis / sizeof *seen_in_redis; i++)
        counters_unset(&figures->counters, seen_in_redis[i]);
}

void figures_ended(struct figures *figures, const struct ending *ending, int64_t now_ms)
{
    figures_count(figures, FIGURE_INTENTS, ending->outcome, 1);
    counters_observe(&figures->counters, FIGURE_HANDLING_SECONDS, ending->seconds);
    if (ending->outcome == OUTCOME_INVALID)
        figures_count(figures, FIGURE_INVALID, ending->rule - 1, 1);
    else
        counters_observe(&figures->counters, FIGURE_AGE_SECONDS,
                         ending->age_seconds > 0 ? ending->age_seconds : 0);
    if (ending->positions >= 0)
        figures_set(figures, FIGURE_POSITIONS, (double)ending->positions);
    if (ending->outcome != OUTCOME_FILLED && ending->outcome != OUTCOME_CLOSED)
        return;
    figures_count(figures, FIGURE_EXECUTED, 0, 1);
    figures_set(figures, FIGURE_LAST_EXECUTION, (double)now_ms / 1000.0);
}

void figures_hold(struct figures *figures, enum hold hold)
{
    figures_set(figures, FIGURE_HOLD, hold != HOLD_NONE);
    figures_set(figures, FIGURE_SAFE_MODE, hold == HOLD_SAFE_MODE);
}

void figures_breaker(struct figures *figures, enum breaker_state state)
{
    counters_choose(&figures->counters, FIGURE_BREAKER, state);
    figures_count(figures, FIGURE_BREAKER_OPENED, 0, state == BREAKER_OPEN);
}

void figures_backlog(struct figures *figures, const struct backlog *backlog)
{
    figures_set(figures, FIGURE_LAG, backlog->lag);
    figures_set(figures, FIGURE_PENDING, backlog->pending);
    figures_set(figures, FIGURE_OLDEST, backlog->oldest_sec);
}

void figures_print(struct figures *figures, struct page *page)
{
    figures_set(figures, FIGURE_MAX_OPEN, (double)figures->settings->guards.max_open);
    figures_set(figures, FIGURE_LOG_DROPPED, (double)log_dropped());
    counters_print(&figures->counters, page);
    process_metrics_print(&figures->process, page);
}
