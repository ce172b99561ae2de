/* SPDX-License-Identifier: MIT */
#include "router/tell/vitals.h"

/* Without Redis there is none: health says then what it waits for. */
static void show_status(struct vitals *vitals)
{
    struct metrics_summary summary = metrics_summary(&vitals->metrics);
    const struct service_metrics *service = &vitals->metrics.service;
    const struct capacity_rules *capacity = &vitals->settings->plan.capacity;
    char open[32], lag[32], pending[32];

    health_status(&vitals->service.health,
                  "open=%s/%lld target=%lld lag=%s pending=%s published=%.0f dropped=%.0f "
                  "redis=up%s",
                  health_figure(summary.open_orders, open), (long long)capacity->max_open,
                  (long long)capacity->target_open,
                  health_figure(service_metrics_lag(service), lag),
                  health_figure(service_metrics_pending(service), pending), summary.published,
                  summary.dropped, summary.safe_mode ? " safe_mode=on" : "");
}

/* --- what the router tells */

static void on_opened(struct vitals *vitals)
{
    const struct intake *intake = vitals->intake;

    vitals->recovered = (struct stream_id){0};
    service_vitals_opened(&vitals->service, intake->worker, intake->clock, &intake->reader);
}

static void on_running(struct vitals *vitals)
{
    health_running(&vitals->service.health);
    show_status(vitals);
}

static void on_ended(struct vitals *vitals)
{
    health_moved(&vitals->service.health);
    health_answered(&vitals->service.health);
    show_status(vitals);
}

static void on_tick(struct vitals *vitals, uint64_t late_ms)
{
    if (late_ms > ROUTER_LATE_MS_MAX)
        health_moved(&vitals->service.health);
}

static void look_after_health(struct vitals *vitals, const struct router_fact *fact)
{
    switch (fact->kind) {
    case FACT_OPENED:
        on_opened(vitals);
        break;
    case FACT_RUNNING:
        on_running(vitals);
        break;
    case FACT_STANDBY:
        health_standby(&vitals->service.health, vitals->report.holder);
        break;
    case FACT_LOST:
        health_lost(&vitals->service.health, fact->lost.reason);
        break;
    case FACT_TICK:
        on_tick(vitals, fact->late_ms);
        break;
    case FACT_ENDED:
        on_ended(vitals);
        break;
    case FACT_REFUSED:
        health_refused(&vitals->service.health, fact->text);
        break;
    case FACT_ACCEPTED:
        health_accepted(&vitals->service.health);
        break;
    case FACT_ADOPTED:
        service_vitals_adopted(&vitals->service);
        break;
    default:
        break;
    }
}

void vitals_told(void *owner, const struct router_fact *fact)
{
    struct vitals *vitals = owner;

    report_fact(&vitals->report, fact);
    metrics_fact(&vitals->metrics, fact);
    look_after_health(vitals, fact);
    window_view_fact(&vitals->view, vitals->intake->window, fact);
    if (fact->kind == FACT_CLOSED)
        service_vitals_closed(&vitals->service);
}

/* --- what HTTP asks */

static void print_metrics(void *owner, struct page *page)
{
    struct vitals *vitals = owner;
    const struct metrics_now now = {
        .window_candidates = vitals->intake->window->count + vitals->cycle->window.count,
        .behind_sec = (double)vitals->intake->behind.told_ms / 1000.0,
    };

    metrics_print(&vitals->metrics, &now, page);
}

static void print_window(void *owner, struct page *page)
{
    struct vitals *vitals = owner;
    const struct window_now now = {
        .settings = vitals->settings,
        .window = vitals->intake->window,
        .ends_ms = *vitals->intake->window_ends_ms,
        .state = vitals->service.health.state,
        .deciding = vitals->cycle->window.count,
        .held_back = vitals->cycle->held_back.count,
    };

    window_view_print(&vitals->view, &now, page);
}

static const struct monitor_page window_page = {
    .path = "/window.json",
    .type = HTTP_JSON,
    .what = "the window as it fills, and its best",
    .print = print_window,
};

/* --- how long it may be silent */

/* A command's deadline, and those of a commit with its snapshot, three times over. */
static uint64_t cycle_ms_max(const struct router_settings *settings)
{
    return ROUTER_ATTEMPTS_MAX *
           (uint64_t)(settings->redis.reply_timeout_ms + settings->commit_timeout_ms);
}

static uint64_t patience_ms(const void *owner, enum health_state state)
{
    const struct router_settings *settings = owner;

    switch (state) {
    case HEALTH_STANDBY:
        return (uint64_t)(settings->lease_renew_ms + settings->redis.reply_timeout_ms);
    case HEALTH_RECOVERING:
        return 2 * (uint64_t)settings->redis.reply_timeout_ms;
    case HEALTH_RUNNING:
        return settings->window_ms + cycle_ms_max(settings);
    case HEALTH_WAITING:
    case HEALTH_STOPPING:
        break;
    }
    return (uint64_t)settings->commit_timeout_ms;
}

static uint64_t silent_ms_max(const void *owner)
{
    return SERVICE_PULSE_MS + cycle_ms_max(owner);
}

const struct health_rules vitals_health_rules = {
    .role = "role=leader",
    .refused = "commits fail",
    .patience_ms = patience_ms,
    .silent_ms_max = silent_ms_max,
};

/* --- what goes on by itself */

static void ask_backlog(struct vitals *vitals)
{
    if (vitals->service.health.state != HEALTH_RUNNING || vitals->cycle->state != CYCLE_IDLE)
        return;
    backlog_ask(&vitals->service.backlog);
    advice_ask(&vitals->advice, vitals->intake->worker);
}

/* Page after page of what was pending is progress. */
static void watch_recovery(struct vitals *vitals)
{
    struct stream_id recovered = vitals->intake->reader.recovered;

    if (vitals->service.health.state != HEALTH_RECOVERING ||
        stream_id_compare(recovered, vitals->recovered) == 0)
        return;
    vitals->recovered = recovered;
    health_moved(&vitals->service.health);
}

static void on_pulse(void *owner)
{
    struct vitals *vitals = owner;

    watch_recovery(vitals);
    ask_backlog(vitals);
}

static double pace(const void *settings)
{
    return router_settings_pace(settings);
}

static const struct service_vitals_rules service_rules = {
    .name = "quantum-router",
    .ready = "200 when it can publish",
    .entries = "signal",
    .health = &vitals_health_rules,
    .pulse = on_pulse,
    .print = print_metrics,
    .more = &window_page,
    .pace = pace,
};

void vitals_start(struct vitals *vitals, uv_loop_t *loop, const struct router_settings *settings,
                  const struct intake *intake, const struct cycle *cycle)
{
    *vitals = (struct vitals){
        .settings = settings,
        .intake = intake,
        .cycle = cycle,
        .advice = {.record_max_mib = &settings->record_max_mib},
        .service = {.rules = &service_rules,
                    .owner = vitals,
                    .metrics = &vitals->metrics.service,
                    .backlog = {.stream = settings->keys.signals, .group = settings->keys.group},
                    .monitor = {.address = settings->metrics_listen},
                    .pace = {.is_routers = true,
                             .own_key = settings->keys.commit,
                             .other_key = settings->keys.executor_server}},
    };
    report_init(&vitals->report, settings);
    metrics_init(&vitals->metrics, settings);
    service_vitals_start(&vitals->service, loop, &settings->redis, settings);
}

void vitals_deinit(struct vitals *vitals)
{
    service_vitals_deinit(&vitals->service);
    metrics_deinit(&vitals->metrics);
}
