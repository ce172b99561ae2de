/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_vitals.h"

#include <math.h>

#include "common/service/service_report.h"

enum { PULSE_MS = 1000 };

static void show_status(struct executor_vitals *vitals)
{
    const struct executor_metrics *metrics = &vitals->metrics;
    double ended = executor_metrics_sum(metrics, EXECUTOR_METRIC_INTENTS, OUTCOME_COUNT);
    char open[32], lag[32], pending[32];

    health_status(&vitals->health, "open=%s/%lld lag=%s pending=%s executed=%.0f ended=%.0f%s%s%s",
                  health_figure(executor_metrics_value(metrics, EXECUTOR_METRIC_OPEN_ORDERS), open),
                  (long long)vitals->settings->guards.max_open,
                  health_figure(executor_metrics_value(metrics, EXECUTOR_METRIC_LAG), lag),
                  health_figure(executor_metrics_value(metrics, EXECUTOR_METRIC_PENDING), pending),
                  executor_metrics_value(metrics, EXECUTOR_METRIC_EXECUTED), ended,
                  vitals->settings->venue.kind == VENUE_SAFE_DRAIN ? " safe_drain=on" : "",
                  executor_metrics_value(metrics, EXECUTOR_METRIC_HOLD) > 0 ? " holding" : "",
                  vitals->executor.desk->breaker.state != BREAKER_CLOSED ? " breaker=open" : "");
}

/* --- what the executor tells */

static void on_opened(void *owner, bool group_recreated)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_opened(&vitals->metrics, group_recreated);
    health_opened(&vitals->health);
    backlog_begin(&vitals->backlog, vitals->executor.session->links.worker);
}

static void on_running(void *owner)
{
    struct executor_vitals *vitals = owner;

    health_running(&vitals->health);
    show_status(vitals);
}

static void on_lost(void *owner, const char *reason)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_lost(&vitals->metrics);
    health_lost(&vitals->health, reason);
}

static void on_moved(void *owner)
{
    struct executor_vitals *vitals = owner;

    health_moved(&vitals->health);
    health_answered(&vitals->health);
}

static void on_ended(void *owner, const struct ending *ending)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_ended(&vitals->metrics, ending, redis_clock_now(vitals->executor.clock));
}

static void on_closed_position(void *owner)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_count(&vitals->metrics, EXECUTOR_METRIC_POSITIONS_CLOSED, 0, 1);
}

static void on_counted(void *owner, int64_t positions)
{
    struct executor_vitals *vitals = owner;

    if (positions >= 0)
        executor_metrics_set(&vitals->metrics, EXECUTOR_METRIC_POSITIONS, (double)positions);
}

static void on_open_orders(void *owner, bool known, int64_t open)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_set(&vitals->metrics, EXECUTOR_METRIC_OPEN_ORDERS, known ? (double)open : NAN);
}

static void on_held(void *owner, enum hold_reason hold)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_hold(&vitals->metrics, hold);
}

static void on_breaker(void *owner, enum breaker_state state)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_breaker(&vitals->metrics, state);
}

static void on_refused(void *owner, const char *complaint)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_set(&vitals->metrics, EXECUTOR_METRIC_REFUSED, 1);
    health_refused(&vitals->health, complaint);
}

static void on_accepted(void *owner)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_set(&vitals->metrics, EXECUTOR_METRIC_REFUSED, 0);
    health_accepted(&vitals->health);
}

static void on_adopted(void *owner)
{
    executor_vitals_reloaded(owner, true);
}

/* Whatever is still open belongs to nobody: a name that is being resolved, for one. */
static void on_closed(void *owner)
{
    const struct executor_vitals *vitals = owner;

    uv_stop(vitals->pulse.loop);
}

const struct executor_events executor_vitals_executor_events = {
    .opened = on_opened,
    .running = on_running,
    .lost = on_lost,
    .moved = on_moved,
    .ended = on_ended,
    .closed_position = on_closed_position,
    .counted = on_counted,
    .open_orders = on_open_orders,
    .held = on_held,
    .breaker = on_breaker,
    .refused = on_refused,
    .accepted = on_accepted,
    .adopted = on_adopted,
    .closed = on_closed,
};

/* --- what HTTP asks, and how long it may be silent */

/* Stale intents whose ACK was confirmed since the last time. */
static uint64_t take_stale(const struct executor_vitals *vitals)
{
    uint64_t settled[EXECUTOR_ACK_KINDS];

    acks_take_settled(vitals->executor.acks, EXECUTOR_ACK_KINDS, settled);
    return settled[EXECUTOR_ACK_STALE];
}

static void print_metrics(void *owner, struct page *page)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_count(&vitals->metrics, EXECUTOR_METRIC_INTENTS, OUTCOME_STALE,
                           (double)take_stale(vitals));
    executor_metrics_set(&vitals->metrics, EXECUTOR_METRIC_IN_HAND,
                         (double)vitals->executor.desk->turns.count);
    counters_set(&vitals->metrics.counters, EXECUTOR_METRIC_ENTRIES_LOST, 0,
                 (double)(*vitals->executor.trimmed + vitals->backlog.lost));
    executor_metrics_print(&vitals->metrics, page);
}

/* Each look whether it holds is an answer; so is each read that nothing came of. */
static uint64_t patience_ms(const void *owner, enum health_state state)
{
    const struct executor_settings *settings = owner;
    uint64_t reply_ms = (uint64_t)settings->redis.reply_timeout_ms;

    switch (state) {
    case HEALTH_WAITING:
        return redis_settings_try_ms(&settings->redis);
    case HEALTH_STANDBY:
    case HEALTH_RECOVERING:
        return 2 * reply_ms + EXECUTOR_LOOK_MS;
    case HEALTH_RUNNING:
        return reply_ms + EXECUTOR_LOOK_MS;
    case HEALTH_STOPPING:
        break;
    }
    return EXECUTOR_STOP_MS_MAX;
}

static uint64_t silent_ms_max(const void *owner)
{
    return patience_ms(owner, HEALTH_RUNNING);
}

static char *address_text(const void *owner)
{
    const struct executor_settings *settings = owner;

    return redis_address_text(&settings->redis.address);
}

static const struct health_rules health_rules = {
    .role = "role=leader",
    .refused = "executions fail",
    .patience_ms = patience_ms,
    .silent_ms_max = silent_ms_max,
    .address = address_text,
};

/* --- what goes on by itself */

static void on_backlog(void *owner)
{
    struct executor_vitals *vitals = owner;

    uint64_t lost = backlog_take_lost(&vitals->backlog);
    if (lost > 0)
        service_report_unread_trimmed(lost, "intent");
    executor_metrics_backlog(&vitals->metrics, &vitals->backlog);
    health_answered(&vitals->health);
}

static void on_pulse(uv_timer_t *timer)
{
    struct executor_vitals *vitals = timer->data;

    if (*vitals->executor.state != EXECUTOR_RUNNING)
        return;
    show_status(vitals);
    vitals->backlog.link = vitals->executor.session->links.worker;
    backlog_ask(&vitals->backlog);
}

void executor_vitals_start(struct executor_vitals *vitals, uv_loop_t *loop,
                           const struct executor_settings *settings,
                           struct executor_watched executor)
{
    *vitals = (struct executor_vitals){
        .settings = settings,
        .executor = executor,
        .backlog = {.stream = settings->keys.intents,
                    .group = settings->keys.group,
                    .clock = executor.clock,
                    .told = on_backlog,
                    .owner = vitals},
        .monitor = {.name = "quantum-executor",
                    .address = settings->metrics_listen,
                    .ready = "200 when it can execute",
                    .health = &vitals->health,
                    .print = print_metrics,
                    .owner = vitals},
    };
    executor_metrics_init(&vitals->metrics, settings);
    health_start(&vitals->health, loop, &health_rules, settings);
    (void)uv_timer_init(loop, &vitals->pulse);
    vitals->pulse.data = vitals;
    (void)uv_timer_start(&vitals->pulse, on_pulse, PULSE_MS, PULSE_MS);
    monitor_open(&vitals->monitor, loop);
}

void executor_vitals_stop(struct executor_vitals *vitals)
{
    health_stop(&vitals->health);
    monitor_close(&vitals->monitor);
    uv_close((uv_handle_t *)&vitals->pulse, NULL);
}

void executor_vitals_reloading(struct executor_vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_reloading(&vitals->health.notify);
}

void executor_vitals_reloaded(struct executor_vitals *vitals, bool successful)
{
    executor_metrics_reload(&vitals->metrics, successful);
    if (vitals->health.told_ready)
        notify_ready(&vitals->health.notify);
}

void executor_vitals_deinit(struct executor_vitals *vitals)
{
    health_deinit(&vitals->health);
    executor_metrics_deinit(&vitals->metrics);
}
