/* SPDX-License-Identifier: MIT */
#include "common/service/health.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/monotonic.h"

/* What a machine under load may add to any deadline. */
enum { SLACK_MS = 5000, STATUS_MAX = 256, HTTP_OK = 200, HTTP_UNAVAILABLE = 503 };

static void set_state(struct health *health, enum health_state state)
{
    static const bool allowed[][HEALTH_STOPPING + 1] = {
        [HEALTH_WAITING] = {[HEALTH_WAITING] = true,
                            [HEALTH_STANDBY] = true,
                            [HEALTH_RECOVERING] = true,
                            [HEALTH_STOPPING] = true},
        [HEALTH_STANDBY] = {[HEALTH_WAITING] = true,
                            [HEALTH_STANDBY] = true,
                            [HEALTH_RECOVERING] = true,
                            [HEALTH_STOPPING] = true},
        [HEALTH_RECOVERING] =
            {[HEALTH_RUNNING] = true, [HEALTH_WAITING] = true, [HEALTH_STOPPING] = true},
        [HEALTH_RUNNING] = {[HEALTH_WAITING] = true, [HEALTH_STOPPING] = true},
        [HEALTH_STOPPING] = {false},
    };

    assert(allowed[health->state][state]);
    health->state = state;
    health_moved(health);
}

/* So long may the present state go on without an event. */
static uint64_t patience_ms(const struct health *health)
{
    if (health->state == HEALTH_WAITING)
        return redis_settings_try_ms(health->redis) + SLACK_MS;
    return health->rules->patience_ms(health->owner, health->state) + SLACK_MS;
}

static bool is_well(void *owner)
{
    const struct health *health = owner;
    uint64_t now_ms = monotonic_ms();
    uint64_t silent_ms_max = health->rules->silent_ms_max(health->owner) + SLACK_MS;

    if (health->state == HEALTH_RUNNING && now_ms - health->answered_at_ms > silent_ms_max)
        return false;
    return now_ms - health->moved_at_ms <= patience_ms(health);
}

static void tell_waiting(const struct health *health)
{
    char *address = redis_address_text(&health->redis->address);

    notify_status(&health->notify, "Waiting for Redis at %s%s%s", address,
                  health->reason[0] ? ": " : "", health->reason);
    if (!health->told_ready)
        notify_extend_start(&health->notify, 1000 * patience_ms(health));
    free(address);
}

void health_start(struct health *health, uv_loop_t *loop, const struct health_rules *rules,
                  const struct redis_settings *redis, const void *owner)
{
    *health = (struct health){
        .rules = rules, .redis = redis, .owner = owner, .moved_at_ms = monotonic_ms()};
    notify_init(&health->notify);
    watchdog_start(&health->watchdog, loop, &health->notify, is_well, health);
    tell_waiting(health);
}

static void be_ready(struct health *health)
{
    health_answered(health);
    if (!health->told_ready)
        notify_ready(&health->notify);
    health->told_ready = true;
}

void health_standby(struct health *health, const char *leader)
{
    set_state(health, HEALTH_STANDBY);
    be_ready(health);
    notify_status(&health->notify, "Standby: %s decides", escaped(leader).text);
}

void health_opened(struct health *health)
{
    set_state(health, HEALTH_RECOVERING);
    be_ready(health);
    notify_status(&health->notify, "Reading what is pending");
}

void health_running(struct health *health)
{
    set_state(health, HEALTH_RUNNING);
    health_answered(health);
}

void health_lost(struct health *health, const char *reason)
{
    (void)escape(reason, strlen(reason), HEALTH_REASON_MAX / 2, health->reason,
                 sizeof health->reason);
    health->refusal[0] = '\0';
    if (health->state == HEALTH_STOPPING)
        return;
    set_state(health, HEALTH_WAITING);
    tell_waiting(health);
}

void health_refused(struct health *health, const char *complaint)
{
    (void)escape(complaint, strlen(complaint), HEALTH_REASON_MAX / 2, health->refusal,
                 sizeof health->refusal);
}

void health_accepted(struct health *health)
{
    health->refusal[0] = '\0';
}

void health_moved(struct health *health)
{
    health->moved_at_ms = monotonic_ms();
}

void health_answered(struct health *health)
{
    health->answered_at_ms = monotonic_ms();
}

const char *health_figure(double value, char room[static 32])
{
    if (isnan(value))
        return "?";
    (void)snprintf(room, 32, "%.0f", value);
    return room;
}

void health_status(const struct health *health, const char *format, ...)
{
    char text[STATUS_MAX];
    va_list arguments;

    if (health->state == HEALTH_STOPPING)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (health->refusal[0])
        notify_status(&health->notify, "%s %s: %s", text, health->rules->refused, health->refusal);
    else
        notify_status(&health->notify, "%s", text);
}

void health_stop(struct health *health)
{
    set_state(health, HEALTH_STOPPING);
    notify_stopping(&health->notify);
    notify_status(&health->notify, "Stopping");
    watchdog_close(&health->watchdog);
}

void health_deinit(struct health *health)
{
    notify_deinit(&health->notify);
}

unsigned health_answer_alive(struct page *page)
{
    page_add(page, "ok\n");
    return HTTP_OK;
}

/* Redis' error replies begin with a code in capitals. */
static const char *verdict_on(const char *reason)
{
    size_t capitals = strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (strncmp(reason, "NOGROUP", strlen("NOGROUP")) == 0)
        return "the group is gone";
    return capitals > 2 && reason[capitals] == ' ' ? "Redis refuses" : "Redis does not answer";
}

static void say_waiting(const struct health *health, struct page *page)
{
    if (health->reason[0])
        page_add(page, "%s: %s\n", verdict_on(health->reason), health->reason);
    else
        page_add(page, "Redis does not answer yet\n");
}

unsigned health_answer_ready(const struct health *health, struct page *page)
{
    if (health->state == HEALTH_STOPPING) {
        page_add(page, "stopping\n");
    } else if (health->state == HEALTH_WAITING) {
        say_waiting(health, page);
    } else if (health->state == HEALTH_STANDBY) {
        page_add(page, "role=standby\n");
        return HTTP_OK;
    } else if (health->refusal[0]) {
        page_add(page, "%s: %s\n", health->rules->refused, health->refusal);
    } else if (health->state == HEALTH_RECOVERING) {
        page_add(page, "reading what is pending\n");
    } else {
        page_add(page, "%s\n", health->rules->role);
        return HTTP_OK;
    }
    return HTTP_UNAVAILABLE;
}
