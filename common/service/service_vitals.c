/* SPDX-License-Identifier: MIT */
#include "common/service/service_vitals.h"

#include "common/service/service_report.h"

static void on_backlog(void *owner)
{
    struct service_vitals *vitals = owner;

    uint64_t lost = backlog_take_lost(&vitals->backlog);
    if (lost > 0)
        service_report_unread_trimmed(lost, vitals->rules->entries);
    service_metrics_backlog(vitals->metrics, &vitals->backlog, lost);
    health_answered(&vitals->health);
}

static void on_pulse(uv_timer_t *timer)
{
    struct service_vitals *vitals = timer->data;

    if (vitals->link)
        certificate_watch_look(&vitals->certificate, vitals->link);
    vitals->rules->pulse(vitals->owner);
}

static void leave_pace(struct service_vitals *vitals)
{
    pace_watch_leave(&vitals->pace, vitals->link, vitals->rules->pace(vitals->settings));
}

static void print_metrics(void *owner, struct page *page)
{
    const struct service_vitals *vitals = owner;

    vitals->rules->print(vitals->owner, page);
}

void service_vitals_start(struct service_vitals *vitals, uv_loop_t *loop,
                          const struct redis_settings *redis, const void *settings)
{
    vitals->settings = settings;
    vitals->backlog.told = on_backlog;
    vitals->backlog.owner = vitals;
    health_start(&vitals->health, loop, vitals->rules->health, redis, settings);
    (void)uv_timer_init(loop, &vitals->pulse);
    vitals->pulse.data = vitals;
    (void)uv_timer_start(&vitals->pulse, on_pulse, SERVICE_PULSE_MS, SERVICE_PULSE_MS);
    vitals->monitor.name = vitals->rules->name;
    vitals->monitor.ready = vitals->rules->ready;
    vitals->monitor.health = &vitals->health;
    vitals->monitor.print = print_metrics;
    vitals->monitor.owner = vitals;
    vitals->monitor.more = vitals->rules->more;
    vitals->monitor.more_owner = vitals->owner;
    monitor_open(&vitals->monitor, loop);
}

void service_vitals_opened(struct service_vitals *vitals, struct link *link,
                           const struct redis_clock *clock, const struct group_reader *reader)
{
    health_opened(&vitals->health);
    vitals->backlog.clock = clock;
    vitals->backlog.reader = reader;
    backlog_begin(&vitals->backlog, link);
    vitals->link = link;
    leave_pace(vitals);
}

void service_vitals_reloading(struct service_vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_reloading(&vitals->health.notify);
}

static void tell_reloaded(struct service_vitals *vitals)
{
    if (vitals->health.told_ready)
        notify_ready(&vitals->health.notify);
}

void service_vitals_adopted(struct service_vitals *vitals)
{
    tell_reloaded(vitals);
    if (vitals->health.state == HEALTH_RUNNING)
        leave_pace(vitals);
}

void service_vitals_reload_failed(struct service_vitals *vitals)
{
    service_metrics_reload(vitals->metrics, false);
    tell_reloaded(vitals);
}

/* What is still open then belongs to nobody: a name that is being resolved, for one, which nothing
 * can cut short. */
void service_vitals_closed(struct service_vitals *vitals)
{
    uv_stop(vitals->pulse.loop);
}

void service_vitals_stop(struct service_vitals *vitals)
{
    health_stop(&vitals->health);
    monitor_close(&vitals->monitor);
    uv_close((uv_handle_t *)&vitals->pulse, NULL);
}

void service_vitals_deinit(struct service_vitals *vitals)
{
    health_deinit(&vitals->health);
}
