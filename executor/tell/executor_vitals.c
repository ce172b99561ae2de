/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_vitals.h"

#include <math.h>

#include "common/service/service_report.h"

enum { PULSE_MS = 1000 };

static void show_status(struct executor_vitals *vitals)
{
    struct executor_metrics_summary summary = executor_metrics_summary(&vitals->metrics);
    char open[32], lag[32], pending[32];

    health_status(&vitals->health, "open=%s/%lld lag=%s pending=%s executed=%.0f ended=%.0f%s%s%s",
                  health_figure(summary.open_orders, open),
                  (long long)vitals->settings->guards.max_open, health_figure(summary.lag, lag),
                  health_figure(summary.pending, pending), summary.executed, summary.ended,
                  vitals->settings->venue.kind == VENUE_SAFE_DRAIN ? " safe_drain=on" : "",
                  summary.holds ? " holding" : "",
                  vitals->inbox->desk->breaker.state != BREAKER_CLOSED ? " breaker=open" : "");
}

/* --- what the executor tells */

static void tell_reloaded(struct executor_vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_ready(&vitals->health.notify);
}

static void on_opened(struct executor_vitals *vitals)
{
    health_opened(&vitals->health);
    vitals->backlog.clock = &vitals->inbox->office->clock;
    backlog_begin(&vitals->backlog, vitals->inbox->office->link);
}

static void on_running(struct executor_vitals *vitals)
{
    health_running(&vitals->health);
    show_status(vitals);
}

/* It gets on: something was answered. */
static void on_moved(struct executor_vitals *vitals)
{
    health_moved(&vitals->health);
    health_answered(&vitals->health);
}

static void look_after_health(struct executor_vitals *vitals, const struct executor_fact *fact)
{
    switch (fact->kind) {
    case FACT_OPENED:
        on_opened(vitals);
        break;
    case FACT_RUNNING:
        on_running(vitals);
        break;
    case FACT_LOST:
        health_lost(&vitals->health, fact->lost.reason);
        break;
    case FACT_REFUSED:
        health_refused(&vitals->health, fact->refused.complaint);
        break;
    case FACT_ACCEPTED:
        health_accepted(&vitals->health);
        break;
    case FACT_ADOPTED:
        tell_reloaded(vitals);
        break;
    case FACT_PAGE:
    case FACT_ENDED:
    case FACT_HOLD_SEEN:
    case FACT_COUNTED:
        on_moved(vitals);
        break;
    default:
        break;
    }
}

void executor_vitals_told(void *owner, const struct executor_fact *fact)
{
    struct executor_vitals *vitals = owner;

    executor_report_fact(&vitals->report, fact);
    executor_metrics_fact(&vitals->metrics, fact);
    look_after_health(vitals, fact);
    /* Whatever is still open belongs to nobody: a name that is being resolved, for one. */
    if (fact->kind == FACT_CLOSED)
        uv_stop(vitals->pulse.loop);
}

/* --- what HTTP asks, and how long it may be silent */

static void print_metrics(void *owner, struct page *page)
{
    struct executor_vitals *vitals = owner;

    executor_metrics_print(&vitals->metrics, vitals->inbox->desk->turns.count, page);
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
    executor_metrics_backlog(&vitals->metrics, &vitals->backlog, lost);
    health_answered(&vitals->health);
}

static void on_pulse(uv_timer_t *timer)
{
    struct executor_vitals *vitals = timer->data;

    if (vitals->health.state != HEALTH_RUNNING)
        return;
    show_status(vitals);
    vitals->backlog.link = vitals->inbox->office->link;
    backlog_ask(&vitals->backlog);
}

void executor_vitals_start(struct executor_vitals *vitals, uv_loop_t *loop,
                           const struct executor_settings *settings, const struct inbox *inbox)
{
    *vitals = (struct executor_vitals){
        .settings = settings,
        .inbox = inbox,
        .backlog = {.stream = settings->keys.intents,
                    .group = settings->keys.group,
                    .told = on_backlog,
                    .owner = vitals},
        .monitor = {.name = "quantum-executor",
                    .address = settings->metrics_listen,
                    .ready = "200 when it can execute",
                    .health = &vitals->health,
                    .print = print_metrics,
                    .owner = vitals},
    };
    executor_report_init(&vitals->report, settings, loop);
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

void executor_vitals_reload_failed(struct executor_vitals *vitals)
{
    executor_metrics_reload(&vitals->metrics, false);
    tell_reloaded(vitals);
}

void executor_vitals_deinit(struct executor_vitals *vitals)
{
    health_deinit(&vitals->health);
    executor_metrics_deinit(&vitals->metrics);
}
