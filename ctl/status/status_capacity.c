/* SPDX-License-Identifier: MIT */
/* Open orders, what the policy makes of them, safe mode, and how the two services' paces compare.
 */
#include <math.h>

#include "common/base/escape.h"
#include "ctl/frame/span.h"
#include "ctl/look/capacity_json.h"
#include "ctl/status/status_read.h"

static void judge(struct status *status, const struct capacity_look *look, const char *state)
{
    const struct snapshot *snapshot = &look->snapshot;

    if (look->allowance.state == CAPACITY_UNKNOWN || look->allowance.state == CAPACITY_UNPARSEABLE)
        findings_add(&status->findings, CRITICAL, "%s", state);
    if (snapshot->group_silent_ms != 0)
        findings_add(&status->findings, WARNING,
                     "INFLIGHT_GROUP_DEAD: %s has unfinished intents and nobody at work; they do "
                     "not count as open",
                     escaped(status->router->keys.in_flight_group).text);
    if (look->allowance.suspect)
        findings_add(&status->findings, WARNING,
                     "CAPACITY_SUSPECT: %s published since %s last changed",
                     counted(snapshot->capacity.published_since, "intent was", "intents were").text,
                     escaped(status->router->keys.open_orders).text);
    if (look->allowance.daily_limit)
        findings_add(&status->findings, WARNING, "DAILY_LIMIT: %s today",
                     counted(snapshot->capacity.published_today, "trade", "trades").text);
}

static void add_policy(struct status *status, const struct capacity_look *look)
{
    json_t *capacity = capacity_json(look);

    judge(status, look, json_string_value(json_object_get(capacity, "state")));
    (void)json_object_set_new(status->document, "capacity", capacity);
}

static void add_safe_mode(struct status *status, const struct capacity_look *look)
{
    json_t *safe_mode = capacity_json_safe_mode(look);

    const char *reason = json_string_value(json_object_get(safe_mode, "reason"));

    if (look->snapshot.safe_mode && look->snapshot.halt_number > 0)
        findings_add(&status->findings, CRITICAL, "SAFE_MODE: %s is set: '%s'",
                     json_string_value(json_object_get(safe_mode, "key")),
                     json_string_value(json_object_get(safe_mode, "value")));
    else if (look->snapshot.safe_mode)
        findings_add(&status->findings, CRITICAL, "SAFE_MODE is set: '%s'",
                     reason ? reason : json_string_value(json_object_get(safe_mode, "value")));
    (void)json_object_set_new(status->document, "safe_mode", safe_mode);
}

static double per_minute(int64_t count, double seconds)
{
    return round((double)count * 60.0 / seconds * 100.0) / 100.0;
}

/* What the settings let them do at most. */
static void add_pace(struct status *status)
{
    const struct router_settings *router = status->router;
    const struct executor_settings *executor = status->executor;

    (void)json_object_set_new(
        status->document, "pace",
        json_pack("{s:f, s:f}", "router_per_min",
                  per_minute(router->plan.capacity.max_new_per_cycle, router->window_seconds),
                  "executor_per_min",
                  per_minute(executor->guards.global_rate_max, (double)executor->global_rate_sec)));
}

int status_add_capacity(struct status *status)
{
    struct capacity_look look;

    if (capacity_look_read(&status->ask, status->router, &look) < 0)
        return status_unread(status, "the capacity");
    add_policy(status, &look);
    add_safe_mode(status, &look);
    add_pace(status);
    capacity_look_release(&look);
    return 0;
}
