/* SPDX-License-Identifier: MIT */
#include "router/vitals.h"

#include <math.h>

#include "common/redis/clock.h"

/* The pulse sees to what no event brings. */
enum { PULSE_MS = 1000, HTTP_IDLE_SEC_MAX = 5, HTTP_RETRY_MS = 10000, HTTP_OK = 200 };

static void show_status(struct vitals *vitals)
{
    struct metrics_figures figures = metrics_figures(&vitals->metrics);

    health_status(&vitals->health, &figures);
}

/* --- what the router tells */

static void on_opened(void *owner, bool group_recreated)
{
    struct vitals *vitals = owner;

    vitals->recovered = (struct stream_id){0};
    metrics_opened(&vitals->metrics, group_recreated);
    health_opened(&vitals->health);
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

static unsigned answer_metrics(void *owner, struct page *page)
{
    struct vitals *vitals = owner;
    const struct router *router = vitals->router;
    const struct metrics_totals totals = {
        .window_candidates = router->window.count + router->cycle.window.count,
        .entries_lost = router->intake.trimmed + (uint64_t)vitals->unread_told,
        .invalid = router->report.invalid_total,
    };

    metrics_print(&vitals->metrics, &totals, page);
    return HTTP_OK;
}

static unsigned answer_alive(void *owner, struct page *page)
{
    (void)owner;
    return health_answer_alive(page);
}

static unsigned answer_ready(void *owner, struct page *page)
{
    const struct vitals *vitals = owner;

    return health_answer_ready(&vitals->health, page);
}

static unsigned answer_index(void *owner, struct page *page)
{
    (void)owner;
    page_add(page, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>quantum-router</title></head>\n"
                   "<body><h1>quantum-router " QUANTUM_VERSION "</h1>\n<ul>\n"
                   "<li><a href=\"/metrics\">/metrics</a> for Prometheus</li>\n"
                   "<li><a href=\"/healthz\">/healthz</a> 200 while it runs</li>\n"
                   "<li><a href=\"/readyz\">/readyz</a> 200 when it can publish</li>\n"
                   "</ul></body></html>\n");
    return HTTP_OK;
}

static const struct http_route routes[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics},
    {"/healthz", HTTP_TEXT, answer_alive},
    {"/readyz", HTTP_TEXT, answer_ready},
    {"/", HTTP_HTML, answer_index},
};

static void on_listening(void *owner)
{
    const struct vitals *vitals = owner;

    report_metrics_listening(vitals->settings->metrics_listen);
}

static void on_listen_failed(void *owner, const char *reason)
{
    const struct vitals *vitals = owner;

    report_metrics_failed(vitals->settings->metrics_listen, reason, HTTP_RETRY_MS / 1000);
}

static void listen_if_wanted(struct vitals *vitals, uv_loop_t *loop)
{
    const struct http_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .idle_sec_max = HTTP_IDLE_SEC_MAX,
        .retry_ms = HTTP_RETRY_MS,
        .listening = on_listening,
        .failed = on_listen_failed,
        .owner = vitals,
    };
    struct listen_address address;

    if (!listen_address_read(vitals->settings->metrics_listen, &address))
        return; /* it is empty: the settings were checked */
    vitals->http = http_new(loop, &config);
    http_open(vitals->http, &address);
}

/* --- what goes on by itself */

/* The count stays in Redis for as long as the group lives: once told it is old news. */
static void tell_unread(struct vitals *vitals)
{
    double unread = vitals->backlog.unread;

    if (isnan(unread))
        return;
    if (unread > vitals->unread_told)
        report_unread_trimmed((int64_t)(unread - vitals->unread_told));
    vitals->unread_told = unread;
}

static void on_backlog(void *owner)
{
    struct vitals *vitals = owner;

    tell_unread(vitals);
    metrics_backlog(&vitals->metrics, &vitals->backlog);
    health_answered(&vitals->health);
}

static void ask_backlog(struct vitals *vitals)
{
    const struct router *router = vitals->router;
    uint64_t now_ms = monotonic_ms();

    if (router->state != ROUTER_RUNNING || router->cycle.state != CYCLE_IDLE ||
        (vitals->asked_at_ms > 0 && now_ms - vitals->asked_at_ms < ROUTER_BACKLOG_MS))
        return;
    vitals->asked_at_ms = now_ms;
    vitals->backlog.link = router->session.decider;
    backlog_ask(&vitals->backlog);
    advice_ask(&vitals->advice, router->session.decider);
}

/* Page after page of what was pending is progress. */
static void watch_recovery(struct vitals *vitals)
{
    struct stream_id recovered = vitals->router->intake.recovered;

    if (vitals->router->state != ROUTER_RECOVERING ||
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
                  const struct router *router)
{
    *vitals = (struct vitals){
        .settings = settings,
        .router = router,
        .backlog = {.stream = settings->keys.signals,
                    .group = settings->keys.group,
                    .clock = &router->clock,
                    .told = on_backlog,
                    .owner = vitals},
    };
    metrics_init(&vitals->metrics, settings);
    health_start(&vitals->health, loop, settings);
    (void)uv_timer_init(loop, &vitals->pulse);
    vitals->pulse.data = vitals;
    (void)uv_timer_start(&vitals->pulse, on_pulse, PULSE_MS, PULSE_MS);
    listen_if_wanted(vitals, loop);
}

void vitals_stop(struct vitals *vitals)
{
    health_stop(&vitals->health);
    http_close(vitals->http);
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
