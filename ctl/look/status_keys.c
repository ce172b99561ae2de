/* SPDX-License-Identifier: MIT */
/* What stands in keys: the capacity, who leads, today's count, marks, and the rate limiters. */
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"
#include "common/trade/pace.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/look/capacity_look.h"
#include "ctl/look/key_scan.h"
#include "ctl/look/status_look.h"

/* --- open orders, what the policy makes of them, safe mode, and how the services' paces compare */

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
    document_put(status->document, "capacity", capacity);
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
    document_put(status->document, "safe_mode", safe_mode);
}

/* What the settings let them do at most. */
static void add_pace(struct status *status)
{
    const struct router_settings *router = status->router;
    const struct executor_settings *executor = status->executor;

    document_put(status->document, "pace",
                 json_pack("{s:f, s:f}", "router_per_min", router_settings_pace(router),
                           "executor_per_min",
                           pace_per_minute(executor->guards.global_rate_max,
                                           (double)executor->global_rate_sec)));
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

/* More limiters than this are counted and not shown. */
enum { LIMITERS_MAX = 200 };

struct key_value {
    bool is_set;
    char text[128]; /* escaped */
    int64_t count;  /* negative: it is no whole number */
    int64_t ttl_ms; /* negative: none */
};

static int read_text(struct status *status, const char *key, struct key_value *value)
{
    struct command question = {0};
    struct reply_text text;
    redisReply *reply;

    command_add_all(&question, "GET", key, NULL);
    if (ask_for(&status->ask, escaped(key).text, &question, &reply) < 0)
        return -1;
    value->is_set = reply_read_text(reply, &text);
    if (value->is_set)
        (void)escape(text.bytes, text.length, 100, value->text, sizeof value->text);
    if (!value->is_set || !reply_read_integer(reply, &value->count))
        value->count = -1;
    freeReplyObject(reply);
    return 0;
}

static int read_value(struct status *status, const char *key, struct key_value *ret_value)
{
    struct command question = {0};
    redisReply *reply;

    *ret_value = (struct key_value){.ttl_ms = -1};
    if (read_text(status, key, ret_value) < 0)
        return -1;
    command_add_all(&question, "PTTL", key, NULL);
    if (ask_for(&status->ask, escaped(key).text, &question, &reply) < 0)
        return -1;
    (void)reply_read_integer(reply, &ret_value->ttl_ms);
    freeReplyObject(reply);
    return 0;
}

/* "instance:token", of which the token tells nobody anything. */
static int add_leader(struct status *status)
{
    const char *key = status->router->keys.leader;
    struct key_value value;

    if (read_value(status, key, &value) < 0)
        return status_unread(status, key);
    char *colon = strrchr(value.text, ':');
    if (colon)
        *colon = '\0';
    if (!value.is_set)
        findings_add(&status->findings, WARNING, "no router leads: %s is missing",
                     escaped(key).text);
    document_put(status->document, "leader",
                 json_pack("{s:o, s:o}", "instance",
                           value.is_set ? json_string(value.text) : json_null(), "ttl_ms",
                           document_known(value.ttl_ms)));
    return 0;
}

static int add_daily(struct status *status)
{
    char day[CALENDAR_DAY_MAX], key[KEY_MAX + CALENDAR_DAY_MAX];
    int64_t most = status->router->plan.capacity.max_daily;
    struct key_value value;

    calendar_day(status->now_ms, day);
    (void)snprintf(key, sizeof key, "%s%s", status->router->keys.daily_trades, day);
    if (read_value(status, key, &value) < 0)
        return status_unread(status, key);
    if (value.is_set && value.count < 0)
        findings_add(&status->findings, WARNING, "%s is no count: '%s'", escaped(key).text,
                     value.text);
    document_put(status->document, "daily",
                 json_pack("{s:s, s:o, s:o}", "day", day, "intents",
                           value.is_set ? document_known(value.count) : json_integer(0), "most",
                           most > 0 ? json_integer(most) : json_null()));
    return 0;
}

static int add_marks(struct status *status)
{
    struct names names;
    size_t count;

    if (key_scan(&status->ask, status->router->keys.dedup, NULL, 0, &count, &names) < 0)
        return status_unread(status, "the dedup marks");
    document_put(status->document, "dedup", json_pack("{s:I}", "marks", (json_int_t)count));
    return 0;
}

/* --- rate limiters */

static int add_limiter(struct status *status, const char *key, int64_t most, json_t *limiters)
{
    char resets[CALENDAR_ISO_MAX];
    struct key_value value;

    if (read_value(status, key, &value) < 0)
        return status_unread(status, key);
    if (!value.is_set)
        return 0;
    if (value.ttl_ms < 0)
        findings_add(&status->findings, WARNING,
                     "%s has no time to live; the executor does not count it", escaped(key).text);
    calendar_iso(status->now_ms + value.ttl_ms, resets);
    document_put(limiters, escaped(key).text,
                 json_pack("{s:o, s:I, s:o, s:o}", "count", document_known(value.count), "most",
                           (json_int_t)most, "ttl_ms", document_known(value.ttl_ms), "resets_at",
                           value.ttl_ms < 0 ? json_null() : json_string(resets)));
    return 0;
}

static int add_limiters_of(struct status *status, const struct names *names, json_t *limiters)
{
    const struct executor_settings *executor = status->executor;

    if (add_limiter(status, executor->keys.rate_global, executor->guards.global_rate_max,
                    limiters) < 0)
        return -1;
    for (size_t i = 0; i < names->count; i++)
        if (add_limiter(status, names->list[i], executor->guards.symbol_rate_max, limiters) < 0)
            return -1;
    return 0;
}

static int add_limiters(struct status *status)
{
    struct names names;
    size_t count;

    if (key_scan(&status->ask, status->executor->keys.rate_symbol, NULL, LIMITERS_MAX, &count,
                 &names) < 0)
        return status_unread(status, "the rate limiters");
    json_t *limiters = json_object();
    document_put(status->document, "rate_limits", limiters);
    int result = add_limiters_of(status, &names, limiters);
    names_free(&names);
    document_put(status->document, "rate_limited_symbols", json_integer((json_int_t)count));
    return result;
}

int status_add_keys(struct status *status)
{
    return add_leader(status) < 0 ? -1 : add_daily(status);
}

int status_add_counts(struct status *status)
{
    return add_marks(status) < 0 ? -1 : add_limiters(status);
}
