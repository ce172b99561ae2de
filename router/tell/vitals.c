/* SPDX-License-Identifier: MIT */
#include "router/tell/vitals.h"

#include <math.h>

#include "common/service/service_report.h"

/* The pulse sees to what no event brings. */
enum { PULSE_MS = 1000 };

static void show_status(struct vitals *vitals)
{
    struct metrics_summary summary = metrics_summary(&vitals->metrics);
    const struct capacity_rules *capacity = &vitals->settings->plan.capacity;
    char open[32], lag[32], pending[32];

    health_status(&vitals->health,
                  "open=%s/%lld target=%lld lag=%s pending=%s published=%.0f dropped=%.0f "
                  "redis=%s%s",
                  health_figure(summary.open_orders, open), (long long)capacity->max_open,
                  (long long)capacity->target_open, health_figure(summary.lag, lag),
                  health_figure(summary.pending, pending), summary.published, summary.dropped,
                  summary.redis_up ? "up" : "down", summary.safe_mode ? " safe_mode=on" : "");
}

/* --- what the router tells */

static void tell_reloaded(struct vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_ready(&vitals->health.notify);
}

static void on_opened(struct vitals *vitals)
{
    const struct intake *intake = vitals->intake;

    vitals->recovered = (struct stream_id){0};
    health_opened(&vitals->health);
    vitals->backlog.clock = intake->clock;
    vitals->backlog.reader = &intake->reader;
    backlog_begin(&vitals->backlog, intake->worker);
}

static void on_running(struct vitals *vitals)
{
    health_running(&vitals->health);
    show_status(vitals);
}

static void on_ended(struct vitals *vitals)
{
    health_moved(&vitals->health);
    health_answered(&vitals->health);
    show_status(vitals);
}

static void on_tick(struct vitals *vitals, uint64_t late_ms)
{
    if (late_ms > ROUTER_LATE_MS_MAX)
        health_moved(&vitals->health);
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
        health_standby(&vitals->health, vitals->report.holder);
        break;
    case FACT_LOST:
        health_lost(&vitals->health, fact->lost.reason);
        break;
    case FACT_TICK:
        on_tick(vitals, fact->late_ms);
        break;
    case FACT_ENDED:
        on_ended(vitals);
        break;
    case FACT_REFUSED:
        health_refused(&vitals->health, fact->text);
        break;
    case FACT_ACCEPTED:
        health_accepted(&vitals->health);
        break;
    case FACT_ADOPTED:
        tell_reloaded(vitals);
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
    /* Whatever is still open belongs to nobody: a name that is being resolved, for one, which
     * nothing can cut short. */
    if (fact->kind == FACT_CLOSED)
        uv_stop(vitals->pulse.loop);
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
    case HEALTH_WAITING:
        return redis_settings_try_ms(&settings->redis);
    case HEALTH_STANDBY:
        return (uint64_t)(settings->lease_renew_ms + settings->redis.reply_timeout_ms);
    case HEALTH_RECOVERING:
        return 2 * (uint64_t)settings->redis.reply_timeout_ms;
    case HEALTH_RUNNING:
        return settings->window_ms + cycle_ms_max(settings);
    case HEALTH_STOPPING:
        break;
    }
    return (uint64_t)settings->commit_timeout_ms;
}

static uint64_t silent_ms_max(const void *owner)
{
    return PULSE_MS + cycle_ms_max(owner);
}

static char *address_text(const void *owner)
{
    const struct router_settings *settings = owner;

    return redis_address_text(&settings->redis.address);
}

const struct health_rules vitals_health_rules = {
    .role = "role=leader",
    .refused = "commits fail",
    .patience_ms = patience_ms,
    .silent_ms_max = silent_ms_max,
    .address = address_text,
};

/* --- what goes on by itself */

static void on_backlog(void *owner)
{
    struct vitals *vitals = owner;

    uint64_t lost = backlog_take_lost(&vitals->backlog);
    if (lost > 0)
        service_report_unread_trimmed(lost, "signal");
    metrics_backlog(&vitals->metrics, &vitals->backlog, lost);
    health_answered(&vitals->health);
}

static void ask_backlog(struct vitals *vitals)
{
    if (vitals->health.state != HEALTH_RUNNING || vitals->cycle->state != CYCLE_IDLE)
        return;
    vitals->backlog.link = vitals->intake->worker;
    backlog_ask(&vitals->backlog);
    advice_ask(&vitals->advice, vitals->intake->worker);
}

/* Page after page of what was pending is progress. */
static void watch_recovery(struct vitals *vitals)
{
    struct stream_id recovered = vitals->intake->reader.recovered;

    if (vitals->health.state != HEALTH_RECOVERING ||
        stream_id_compare(recovered, vitals->recovered) == 0)
        return;
    vitals->recovered = recovered;
    health_moved(&vitals->health);
}

static void on_pulse(uv_timer_t *timer)
{
    struct vitals *vitals = timer->data;

    watch_recovery(vitals);
    ask_backlog(vitals);
}

void vitals_start(struct vitals *vitals, uv_loop_t *loop, const struct router_settings *settings,
                  const struct intake *intake, const struct cycle *cycle)
{
    *vitals = (struct vitals){
        .settings = settings,
        .intake = intake,
        .cycle = cycle,
        .backlog = {.stream = settings->keys.signals,
                    .group = settings->keys.group,
                    .told = on_backlog,
                    .owner = vitals},
    };
    report_init(&vitals->report, settings);
    metrics_init(&vitals->metrics, settings);
    health_start(&vitals->health, loop, &vitals_health_rules, settings);
    (void)uv_timer_init(loop, &vitals->pulse);
    vitals->pulse.data = vitals;
    (void)uv_timer_start(&vitals->pulse, on_pulse, PULSE_MS, PULSE_MS);
    vitals->monitor = (struct monitor){
        .name = "quantum-router",
        .address = settings->metrics_listen,
        .ready = "200 when it can publish",
        .health = &vitals->health,
        .print = print_metrics,
        .owner = vitals,
    };
    monitor_open(&vitals->monitor, loop);
}

void vitals_stop(struct vitals *vitals)
{
    health_stop(&vitals->health);
    monitor_close(&vitals->monitor);
    uv_close((uv_handle_t *)&vitals->pulse, NULL);
}

void vitals_reloading(struct vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_reloading(&vitals->health.notify);
}

void vitals_reload_failed(struct vitals *vitals)
{
    metrics_reload(&vitals->metrics, false);
    tell_reloaded(vitals);
}

void vitals_deinit(struct vitals *vitals)
{
    health_deinit(&vitals->health);
    metrics_deinit(&vitals->metrics);
}
