/* SPDX-License-Identifier: MIT */
#include "executor/signs.h"

#include <math.h>

enum { PULSE_MS = 1000 };

static void show_status(struct signs *signs)
{
    const struct figures *figures = &signs->figures;
    double ended = figures_sum(figures, FIGURE_INTENTS, OUTCOME_COUNT);
    char open[32], lag[32], pending[32];

    health_status(&signs->health, "open=%s/%lld lag=%s pending=%s executed=%.0f ended=%.0f%s%s%s",
                  health_figure(figures_value(figures, FIGURE_OPEN_ORDERS), open),
                  (long long)signs->settings->guards.max_open,
                  health_figure(figures_value(figures, FIGURE_LAG), lag),
                  health_figure(figures_value(figures, FIGURE_PENDING), pending),
                  figures_value(figures, FIGURE_EXECUTED), ended,
                  signs->settings->venue == VENUE_SAFE_DRAIN ? " safe_drain=on" : "",
                  figures_value(figures, FIGURE_HOLD) > 0 ? " holding" : "",
                  signs->executor->desk.breaker.state != BREAKER_CLOSED ? " breaker=open" : "");
}

/* --- what the executor tells */

static void on_opened(void *owner, bool group_recreated)
{
    struct signs *signs = owner;

    figures_opened(&signs->figures, group_recreated);
    health_opened(&signs->health);
}

static void on_running(void *owner)
{
    struct signs *signs = owner;

    health_running(&signs->health);
    show_status(signs);
}

static void on_lost(void *owner, const char *reason)
{
    struct signs *signs = owner;

    figures_lost(&signs->figures);
    health_lost(&signs->health, reason);
}

static void on_moved(void *owner)
{
    struct signs *signs = owner;

    health_moved(&signs->health);
    health_answered(&signs->health);
}

static void on_ended(void *owner, const struct ending *ending)
{
    struct signs *signs = owner;

    figures_ended(&signs->figures, ending, redis_clock_now(&signs->executor->clock));
}

static void on_closed_position(void *owner)
{
    struct signs *signs = owner;

    figures_count(&signs->figures, FIGURE_POSITIONS_CLOSED, 0, 1);
}

static void on_counted(void *owner, int64_t positions)
{
    struct signs *signs = owner;

    if (positions >= 0)
        figures_set(&signs->figures, FIGURE_POSITIONS, (double)positions);
}

static void on_open_orders(void *owner, bool known, int64_t open)
{
    struct signs *signs = owner;

    figures_set(&signs->figures, FIGURE_OPEN_ORDERS, known ? (double)open : NAN);
}

static void on_held(void *owner, enum hold hold)
{
    struct signs *signs = owner;

    figures_hold(&signs->figures, hold);
}

static void on_breaker(void *owner, enum breaker_state state)
{
    struct signs *signs = owner;

    figures_breaker(&signs->figures, state);
}

static void on_refused(void *owner, const char *complaint)
{
    struct signs *signs = owner;

    figures_set(&signs->figures, FIGURE_REFUSED, 1);
    health_refused(&signs->health, complaint);
}

static void on_accepted(void *owner)
{
    struct signs *signs = owner;

    figures_set(&signs->figures, FIGURE_REFUSED, 0);
    health_accepted(&signs->health);
}

static void on_adopted(void *owner)
{
    signs_reloaded(owner, true);
}

/* Whatever is still open belongs to nobody: a name that is being resolved, for one. */
static void on_closed(void *owner)
{
    const struct signs *signs = owner;

    uv_stop(signs->pulse.loop);
}

const struct executor_events signs_executor_events = {
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

static void print_metrics(void *owner, struct page *page)
{
    struct signs *signs = owner;

    figures_count(&signs->figures, FIGURE_INTENTS, OUTCOME_STALE,
                  (double)executor_take_stale(signs->executor));
    figures_set(&signs->figures, FIGURE_IN_HAND, (double)signs->executor->desk.count);
    counters_set(&signs->figures.counters, FIGURE_ENTRIES_LOST, 0,
                 (double)signs->executor->trimmed);
    figures_print(&signs->figures, page);
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
    struct signs *signs = owner;

    figures_backlog(&signs->figures, &signs->backlog);
    health_answered(&signs->health);
}

static void on_pulse(uv_timer_t *timer)
{
    struct signs *signs = timer->data;
    uint64_t now_ms = monotonic_ms();

    if (signs->executor->state != EXECUTOR_RUNNING)
        return;
    show_status(signs);
    if (signs->asked_at_ms > 0 && now_ms - signs->asked_at_ms < EXECUTOR_BACKLOG_MS)
        return;
    signs->asked_at_ms = now_ms;
    signs->backlog.link = signs->executor->connection.links.worker;
    backlog_ask(&signs->backlog);
}

void signs_start(struct signs *signs, uv_loop_t *loop, const struct executor_settings *settings,
                 struct executor *executor)
{
    *signs = (struct signs){
        .settings = settings,
        .executor = executor,
        .backlog = {.stream = settings->keys.intents,
                    .group = settings->keys.group,
                    .clock = &executor->clock,
                    .told = on_backlog,
                    .owner = signs},
        .monitor = {.name = "quantum-executor",
                    .address = settings->metrics_listen,
                    .ready = "200 when it can execute",
                    .health = &signs->health,
                    .print = print_metrics,
                    .owner = signs},
    };
    figures_init(&signs->figures, settings);
    health_start(&signs->health, loop, &health_rules, settings);
    (void)uv_timer_init(loop, &signs->pulse);
    signs->pulse.data = signs;
    (void)uv_timer_start(&signs->pulse, on_pulse, PULSE_MS, PULSE_MS);
    monitor_open(&signs->monitor, loop);
}

void signs_stop(struct signs *signs)
{
    health_stop(&signs->health);
    monitor_close(&signs->monitor);
    uv_close((uv_handle_t *)&signs->pulse, NULL);
}

void signs_reloading(struct signs *signs)
{
    if (signs->health.told_ready)
        notify_reloading(&signs->health.notify);
}

void signs_reloaded(struct signs *signs, bool successful)
{
    figures_reload(&signs->figures, successful);
    if (signs->health.told_ready)
        notify_ready(&signs->health.notify);
}

void signs_deinit(struct signs *signs)
{
    health_deinit(&signs->health);
    figures_deinit(&signs->figures);
}
