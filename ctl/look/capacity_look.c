/* SPDX-License-Identifier: MIT */
#include "ctl/look/capacity_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/halts.h"
#include "common/redis/reply.h"
#include "ctl/look/held_look.h"
#include "router/act/router_look.h"
#include "router/act/scripts.h"
#include "router/decide/history.h"

char *safe_reason_key(const struct keys *keys)
{
    return memory_format("%s" HALTS_REASON, keys->safe_mode);
}

int safe_reason_read(struct client *client, const struct keys *keys,
                     char ret_reason[static SAFE_TEXT_MAX + 1])
{
    struct snapshot snapshot = {0};
    struct command question = {0};
    redisReply *reply;

    router_look_reason_command(keys, &question);
    if (client_ask(client, &question, &reply) < 0)
        return -1;
    router_look_read_reason(reply, &snapshot);
    freeReplyObject(reply);
    (void)snprintf(ret_reason, SAFE_TEXT_MAX + 1, "%s", snapshot.safe_reason);
    return 0;
}

void safe_reason_print(const char *reason, char ret_text[static SAFE_REASON_MAX])
{
    char shown[CAPACITY_LOOK_SAFE_MAX];

    capacity_look_safe_text(reason, shown);
    ret_text[0] = '\0';
    if (*reason)
        (void)snprintf(ret_text, SAFE_REASON_MAX, " reason='%s'", shown);
}

static bool read_look(const redisReply *reply, enum look_scope scope, struct snapshot *ret_snapshot)
{
    const struct window none = {0};

    if (!router_look_read(reply, 0, ret_snapshot))
        return false;
    if (scope == LOOK_WITHOUT_HELD)
        router_look_read_held(reply, NULL, &none, ret_snapshot);
    return true;
}

/* What is held matters here only where it closes, and then what is in flight does, too. */
static int look_at_held(const struct ask *ask, const struct router_settings *settings,
                        struct snapshot *snapshot)
{
    const struct held_keys keys = {settings->keys.open_orders, settings->keys.held,
                                   settings->keys.held};
    struct held_look look;

    if (!settings->plan.capacity.unknown_closes)
        return 0;
    if (held_look_read(ask, &keys, false, &look) < 0)
        return -1;
    snapshot->capacity.positions_unknown =
        snapshot->holdings.state == HOLDINGS_FLIGHT_TOO_MUCH || look.state != HOLDINGS_KNOWN;
    held_look_release(&look);
    return 0;
}

static int read_reason(const struct ask *ask, const struct keys *keys, struct snapshot *snapshot)
{
    if (!snapshot->safe_mode || snapshot->halt_number != 0)
        return 0;
    if (safe_reason_read(ask->client, keys, snapshot->safe_reason) == 0)
        return 0;
    (void)command_fail(ask->command, "%s", client_error(ask->client));
    return -1;
}

int capacity_look_read(const struct ask *ask, const struct router_settings *settings,
                       struct capacity_look *ret_look)
{
    const enum look_scope scope =
        settings->plan.capacity.unknown_closes ? LOOK_WITHOUT_HELD : LOOK_MARKS;
    const struct window none = {0};
    struct capacity_look look = {.settings = settings};
    struct script script = {.source = snapshot_lua};
    struct history history = {0};
    struct command question;
    redisReply *reply;
    int64_t now_ms;

    if (ask_load(ask, &script) < 0 || ask_time(ask, &now_ms) < 0)
        return -1;
    router_look_command(&script, settings, &none, now_ms, scope, &question);
    if (ask_for(ask, "the capacity cannot be read", &question, &reply) < 0)
        return -1;
    bool is_read = read_look(reply, scope, &look.snapshot);
    if (!is_read)
        (void)command_fail(ask->command, "the capacity cannot be read: %s", reply_complaint(reply));
    freeReplyObject(reply);
    if (!is_read)
        return -1;
    if (read_reason(ask, &settings->keys, &look.snapshot) < 0 ||
        look_at_held(ask, settings, &look.snapshot) < 0) {
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
    if (rules->unknown_closes && snapshot->capacity.positions_unknown)
        (void)fprintf(out, "POSITIONS_UNKNOWN key=%s → publishing nothing until it is known\n",
                      escaped(look->settings->keys.held).text);
    if (allowance->suspect)
        (void)fprintf(out, "CAPACITY_SUSPECT open=%lld published_since_change=%lld%s\n",
                      (long long)snapshot->capacity.open.count,
                      (long long)snapshot->capacity.published_since,
                      rules->suspect_closes ? " → publishing nothing until it changes" : "");
    if (allowance->daily_limit)
        (void)fprintf(out, "DAILY_LIMIT trades=%lld max=%lld allowed=%lld\n",
                      (long long)snapshot->capacity.published_today, (long long)rules->max_daily,
                      (long long)allowance->allowed);
    if (allowance->pace_limit)
        (void)fprintf(out, "PACE_LIMIT published=%lld max=%lld allowed=%lld\n",
                      (long long)snapshot->capacity.published_minute,
                      (long long)rules->max_per_minute, (long long)allowance->allowed);
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

typedef void print_fn(const struct capacity_look *look, FILE *out);

/* Without the newline at the end; the caller frees it. */
static char *text_of(const struct capacity_look *look, print_fn *print)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return memory_text("");
    print(look, out);
    if (fclose(out) != 0 || length == 0) {
        free(text);
        return memory_text("");
    }
    text[length - (text[length - 1] == '\n')] = '\0';
    return text;
}

static json_t *lines_of(const char *text)
{
    json_t *lines = json_array();

    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        (void)json_array_append_new(lines, json_stringn(text, length));
    }
    return lines;
}

json_t *capacity_json(const struct capacity_look *look)
{
    char *state = text_of(look, capacity_look_print_state);
    char *limits = text_of(look, capacity_look_print_limits);
    bool is_known = look->snapshot.capacity.open.kind == OPEN_ORDERS_KNOWN;

    json_t *object =
        json_pack("{s:o, s:s, s:o, s:I, s:b, s:I}", "open_orders",
                  is_known ? json_integer(look->snapshot.capacity.open.count) : json_null(),
                  "state", state, "limits", lines_of(limits), "allowed_in_a_cycle",
                  (json_int_t)capacity_look_allowed(look), "supers_only",
                  look->allowance.supers_only, "in_flight", (json_int_t)look->allowance.in_flight);
    free(state);
    free(limits);
    return object;
}

json_t *capacity_json_safe_mode(const struct capacity_look *look)
{
    const struct snapshot *snapshot = &look->snapshot;
    bool is_set = snapshot->safe_mode, ends = is_set && snapshot->safe_ttl_sec >= 0;
    bool has_reason = is_set && snapshot->safe_reason[0];
    char text[CAPACITY_LOOK_SAFE_MAX], reason[CAPACITY_LOOK_SAFE_MAX], key[KEY_MAX + 1];

    capacity_look_halt_key(look, key);
    capacity_look_safe_text(snapshot->safe_text, text);
    capacity_look_safe_text(snapshot->safe_reason, reason);
    return json_pack("{s:b, s:o, s:o, s:o, s:o}", "set", is_set, "value",
                     is_set ? json_string(text) : json_null(), "ttl_sec",
                     ends ? json_integer(snapshot->safe_ttl_sec) : json_null(), "reason",
                     has_reason ? json_string(reason) : json_null(), "key",
                     is_set ? json_string(escaped(key).text) : json_null());
}
