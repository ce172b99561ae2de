/* SPDX-License-Identifier: MIT */
#include "router/tell/vitals.h"

#include <math.h>

#include "common/redis/clock.h"
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

static void on_opened(void *owner, bool group_recreated)
{
    struct vitals *vitals = owner;

    vitals->recovered = (struct stream_id){0};
    metrics_opened(&vitals->metrics, group_recreated);
    health_opened(&vitals->health);
    backlog_begin(&vitals->backlog, vitals->router.session->links.worker);
}

static void on_running(void *owner)
{
    struct vitals *vitals = owner;

    health_running(&vitals->health);
    show_status(vitals);
}

static void on_standby(void *owner, const char *leader)
{
    struct vitals *vitals = owner;

    metrics_connected(&vitals->metrics);
    health_standby(&vitals->health, leader);
}

static void on_lost(void *owner, const char *reason)
{
    struct vitals *vitals = owner;

    metrics_lost(&vitals->metrics);
    health_lost(&vitals->health, reason);
}

static void on_tick(void *owner, uint64_t late_ms)
{
    struct vitals *vitals = owner;

    metrics_tick(&vitals->metrics, late_ms);
    if (late_ms > ROUTER_LATE_MS_MAX)
        health_moved(&vitals->health);
}

static void on_committed(void *owner, enum commit_outcome outcome, double seconds)
{
    struct vitals *vitals = owner;

    metrics_commit(&vitals->metrics, outcome, seconds);
}

static void on_cycle(void *owner, const struct cycle_report *cycle)
{
    struct vitals *vitals = owner;

    metrics_cycle(&vitals->metrics, cycle);
}

static void on_ended(void *owner, enum cycle_end end)
{
    struct vitals *vitals = owner;

    metrics_ended(&vitals->metrics, end);
    health_moved(&vitals->health);
    health_answered(&vitals->health);
    show_status(vitals);
}

static void on_refused(void *owner, const char *complaint)
{
    struct vitals *vitals = owner;

    metrics_reading(&vitals->metrics, true);
    health_refused(&vitals->health, complaint);
}

static void on_accepted(void *owner)
{
    struct vitals *vitals = owner;

    metrics_reading(&vitals->metrics, false);
    health_accepted(&vitals->health);
}

static void on_adopted(void *owner)
{
    vitals_reloaded(owner, true);
}

/* Whatever is still open belongs to nobody: a name that is being resolved, for one, which nothing
 * can cut short. */
static void on_closed(void *owner)
{
    const struct vitals *vitals = owner;

    uv_stop(vitals->pulse.loop);
}

const struct router_events vitals_router_events = {
    .opened = on_opened,
    .running = on_running,
    .standby = on_standby,
    .lost = on_lost,
    .tick = on_tick,
    .committed = on_committed,
    .cycle = on_cycle,
    .ended = on_ended,
    .refused = on_refused,
    .accepted = on_accepted,
    .adopted = on_adopted,
    .closed = on_closed,
};

/* --- what HTTP asks */

static void print_metrics(void *owner, struct page *page)
{
    struct vitals *vitals = owner;
    const struct router_watched *router = &vitals->router;
    const struct metrics_totals totals = {
        .window_candidates = router->window->count + router->cycle->window.count,
        .entries_lost = router->intake->trimmed + vitals->backlog.lost,
        .behind_sec = (double)router->report->behind.told_ms / 1000.0,
        .invalid = router->report->invalid_total,
    };

    metrics_print(&vitals->metrics, &totals, page);
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
    metrics_backlog(&vitals->metrics, &vitals->backlog);
    health_answered(&vitals->health);
}

static void ask_backlog(struct vitals *vitals)
{
    const struct router_watched *router = &vitals->router;

    if (*router->state != ROUTER_RUNNING || router->cycle->state != CYCLE_IDLE)
        return;
    vitals->backlog.link = router->session->links.worker;
    backlog_ask(&vitals->backlog);
    advice_ask(&vitals->advice, router->session->links.worker);
}

/* Page after page of what was pending is progress. */
static void watch_recovery(struct vitals *vitals)
{
    struct stream_id recovered = vitals->router.intake->reader.recovered;

    if (*vitals->router.state != ROUTER_RECOVERING ||
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
                  struct router_watched router)
{
    *vitals = (struct vitals){
        .settings = settings,
        .router = router,
        .backlog = {.stream = settings->keys.signals,
                    .group = settings->keys.group,
                    .clock = router.clock,
                    .reader = &router.intake->reader,
                    .told = on_backlog,
                    .owner = vitals},
    };
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

void vitals_reloaded(struct vitals *vitals, bool successful)
{
    metrics_reload(&vitals->metrics, successful);
    if (vitals->health.told_ready)
        notify_ready(&vitals->health.notify);
}

void vitals_deinit(struct vitals *vitals)
{
    health_deinit(&vitals->health);
    metrics_deinit(&vitals->metrics);
}
