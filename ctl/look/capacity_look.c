/* SPDX-License-Identifier: MIT */
#include "ctl/look/capacity_look.h"

#include <string.h>

#include "common/base/escape.h"
#include "common/redis/reply.h"
#include "ctl/look/safe_reason.h"
#include "router/act/observe.h"
#include "router/act/scripts.h"
#include "router/decide/history.h"

int capacity_look_read(const struct ask *ask, const struct router_settings *settings,
                       struct capacity_look *ret_look)
{
    const struct window none = {0};
    struct capacity_look look = {.settings = settings};
    struct script script = {.source = snapshot_lua};
    struct history history = {0};
    struct command question;
    redisReply *reply;
    int64_t now_ms;

    if (ask_load(ask, &script) < 0 || ask_time(ask, &now_ms) < 0)
        return -1;
    observe_command(&script, settings, &none, now_ms, &question);
    if (ask_for(ask, "the capacity cannot be read", &question, &reply) < 0)
        return -1;
    bool is_read = observe_read(reply, 0, &look.snapshot);
    if (!is_read)
        (void)command_fail(ask->command, "the capacity cannot be read: %s", reply_complaint(reply));
    freeReplyObject(reply);
    if (!is_read)
        return -1;
    if (look.snapshot.safe_mode && look.snapshot.halt_number == 0 &&
        safe_reason_read(ask->client, &settings->keys, look.snapshot.safe_reason) < 0) {
        (void)command_fail(ask->command, "%s", client_error(ask->client));
        snapshot_release(&look.snapshot);
        return -1;
    }
    history_see(&history, &look.snapshot);
    look.allowance = policy_slots(&settings->plan.capacity, &look.snapshot.capacity);
    *ret_look = look;
    return 0;
}

void capacity_look_release(struct capacity_look *look)
{
    snapshot_release(&look->snapshot);
}

int64_t capacity_look_allowed(const struct capacity_look *look)
{
    return look->snapshot.safe_mode ? 0 : look->allowance.allowed;
}

static void print_closed(const struct capacity_look *look, FILE *out)
{
    const struct keys *keys = &look->settings->keys;
    const struct snapshot *snapshot = &look->snapshot;

    switch (snapshot->capacity.open.kind) {
    case OPEN_ORDERS_MISSING:
        (void)fprintf(out, "CAPACITY_UNKNOWN: %s missing → fail-closed\n",
                      escaped(keys->open_orders).text);
        break;
    case OPEN_ORDERS_UNPARSEABLE:
        (void)fprintf(out, "CAPACITY_UNPARSEABLE: %s='%s' → fail-closed\n",
                      escaped(keys->open_orders).text, escaped(snapshot->open_text).text);
        break;
    case OPEN_ORDERS_KNOWN:
        (void)fprintf(out, "CAPACITY_UNKNOWN: group %s missing on %s → fail-closed\n",
                      escaped(keys->in_flight_group).text, escaped(keys->intents).text);
        break;
    }
}

void capacity_look_print_state(const struct capacity_look *look, FILE *out)
{
    const struct allowance *allowance = &look->allowance;
    const struct snapshot *snapshot = &look->snapshot;
    const struct capacity_rules *rules = &look->settings->plan.capacity;
    long long open = (long long)snapshot->capacity.open.count;

    switch (allowance->state) {
    case CAPACITY_UNKNOWN:
    case CAPACITY_UNPARSEABLE:
        print_closed(look, out);
        return;
    case CAPACITY_FULL:
        (void)fprintf(out, "CAPACITY_FULL open=%lld max=%lld", open, (long long)rules->max_open);
        break;
    case CAPACITY_TARGET:
        (void)fprintf(out, "TARGET_REACHED open=%lld target=%lld (awaiting super-signal)", open,
                      (long long)rules->target_open);
        break;
    case CAPACITY_OK:
        (void)fprintf(out, "CAPACITY_OK open=%lld target=%lld allowed=%lld", open,
                      (long long)rules->target_open, (long long)allowance->allowed);
        break;
    }
    if (allowance->in_flight > 0)
        (void)fprintf(out, " inflight=%lld", (long long)allowance->in_flight);
    (void)fputs("\n", out);
}

void capacity_look_print_limits(const struct capacity_look *look, FILE *out)
{
    const struct allowance *allowance = &look->allowance;
    const struct snapshot *snapshot = &look->snapshot;
    const struct capacity_rules *rules = &look->settings->plan.capacity;

    if (snapshot->group_silent_ms != 0)
        (void)fprintf(out, "INFLIGHT_GROUP_DEAD group=%s → not counted as open\n",
                      escaped(look->settings->keys.in_flight_group).text);
    if (allowance->suspect)
        (void)fprintf(out, "CAPACITY_SUSPECT open=%lld published_since_change=%lld%s\n",
                      (long long)snapshot->capacity.open.count,
                      (long long)snapshot->capacity.published_since,
                      rules->suspect_closes ? " → publishing nothing until it changes" : "");
    if (allowance->daily_limit)
        (void)fprintf(out, "DAILY_LIMIT trades=%lld max=%lld allowed=%lld\n",
                      (long long)snapshot->capacity.published_today, (long long)rules->max_daily,
                      (long long)allowance->allowed);
}

/* A byte less than is read, so that a cut shows. */
void capacity_look_safe_text(const char *text, char ret_text[static CAPACITY_LOOK_SAFE_MAX])
{
    (void)escape(text, strlen(text), SAFE_TEXT_MAX - 1, ret_text, CAPACITY_LOOK_SAFE_MAX);
}

void capacity_look_halt_key(const struct capacity_look *look, char ret_key[static KEY_MAX + 1])
{
    const struct router_settings *settings = look->settings;

    halts_key(&settings->halts, (size_t)look->snapshot.halt_number, settings->keys.safe_mode,
              ret_key);
}

void capacity_look_print_safe_mode(const struct capacity_look *look, FILE *out)
{
    const struct snapshot *snapshot = &look->snapshot;
    char text[CAPACITY_LOOK_SAFE_MAX], reason[SAFE_REASON_MAX], key[KEY_MAX + 1];

    if (!snapshot->safe_mode)
        return;
    capacity_look_halt_key(look, key);
    capacity_look_safe_text(snapshot->safe_text, text);
    (void)fprintf(
        out, "SAFE_MODE: %s is set → publishing nothing value='%s' ttl=", escaped(key).text, text);
    if (snapshot->safe_ttl_sec >= 0)
        (void)fprintf(out, "%llds", (long long)snapshot->safe_ttl_sec);
    else
        (void)fputs("none", out);
    safe_reason_print(snapshot->safe_reason, reason);
    (void)fprintf(out, "%s\n", reason);
}
