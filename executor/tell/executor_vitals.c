/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_vitals.h"

static void show_status(struct executor_vitals *vitals)
{
    struct executor_metrics_summary summary = executor_metrics_summary(&vitals->metrics);
    const struct service_metrics *service = &vitals->metrics.service;
    char open[32], lag[32], pending[32];

    health_status(
        &vitals->service.health, "open=%s/%lld lag=%s pending=%s executed=%.0f ended=%.0f%s%s%s",
        health_figure(summary.open_orders, open), (long long)vitals->settings->guards.max_open,
        health_figure(service_metrics_lag(service), lag),
        health_figure(service_metrics_pending(service), pending), summary.executed, summary.ended,
        vitals->settings->venue.kind == VENUE_SAFE_DRAIN ? " safe_drain=on" : "",
        summary.holds ? " holding" : "",
        vitals->inbox->desk->breaker.state != BREAKER_CLOSED ? " breaker=open" : "");
}

/* --- what the executor tells */

static void on_opened(struct executor_vitals *vitals)
{
    const struct office *office = vitals->inbox->office;

    service_vitals_opened(&vitals->service, office->link, &office->clock, NULL);
}

static void on_running(struct executor_vitals *vitals)
{
    health_running(&vitals->service.health);
    show_status(vitals);
}

/* It gets on: something was answered. */
static void on_moved(struct executor_vitals *vitals)
{
    health_moved(&vitals->service.health);
    health_answered(&vitals->service.health);
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
        health_lost(&vitals->service.health, fact->lost.reason);
        break;
    case FACT_REFUSED:
        health_refused(&vitals->service.health, fact->refused.complaint);
        break;
    case FACT_ACCEPTED:
        health_accepted(&vitals->service.health);
        break;
    case FACT_ADOPTED:
        service_vitals_adopted(&vitals->service);
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
    if (fact->kind == FACT_CLOSED)
        service_vitals_closed(&vitals->service);
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
    case HEALTH_STANDBY:
    case HEALTH_RECOVERING:
        return 2 * reply_ms + EXECUTOR_LOOK_MS;
    case HEALTH_RUNNING:
        return reply_ms + EXECUTOR_LOOK_MS;
    case HEALTH_WAITING:
    case HEALTH_STOPPING:
        break;
    }
    return EXECUTOR_STOP_MS_MAX;
}

static uint64_t silent_ms_max(const void *owner)
{
    return patience_ms(owner, HEALTH_RUNNING);
}

static const struct health_rules health_rules = {
    .role = "role=leader",
    .refused = "executions fail",
    .patience_ms = patience_ms,
    .silent_ms_max = silent_ms_max,
};

/* --- what goes on by itself */

static void on_pulse(void *owner)
{
    struct executor_vitals *vitals = owner;

    if (vitals->service.health.state != HEALTH_RUNNING)
        return;
    show_status(vitals);
    backlog_ask(&vitals->service.backlog);
}

static double pace(const void *settings)
{
    return executor_settings_pace(settings);
}

static const struct service_vitals_rules service_rules = {
    .name = "quantum-executor",
    .ready = "200 when it can execute",
    .entries = "intent",
    .health = &health_rules,
    .pulse = on_pulse,
    .print = print_metrics,
    .pace = pace,
};

void executor_vitals_start(struct executor_vitals *vitals, uv_loop_t *loop,
                           const struct executor_settings *settings, const struct inbox *inbox)
{
    *vitals = (struct executor_vitals){
        .settings = settings,
        .inbox = inbox,
        .service = {.rules = &service_rules,
                    .owner = vitals,
                    .metrics = &vitals->metrics.service,
                    .backlog = {.stream = settings->keys.intents, .group = settings->keys.group},
                    .monitor = {.address = settings->metrics_listen},
                    .pace = {.own_key = settings->keys.server, .other_key = settings->keys.commit}},
    };
    executor_report_init(&vitals->report, settings, loop);
    executor_metrics_init(&vitals->metrics, settings);
    service_vitals_start(&vitals->service, loop, &settings->redis, settings);
}

void executor_vitals_deinit(struct executor_vitals *vitals)
{
    service_vitals_deinit(&vitals->service);
    executor_metrics_deinit(&vitals->metrics);
}
