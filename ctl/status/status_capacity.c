/* SPDX-License-Identifier: MIT */
/* Open orders, what the policy makes of them, safe mode, and how the two services' paces compare.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/capacity_look.h"
#include "ctl/counted.h"
#include "ctl/status/status_read.h"

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

static void judge(struct status *status, const struct capacity_look *look, const char *state)
{
    const struct snapshot *snapshot = &look->snapshot;

    if (look->allowance.state == CAPACITY_UNKNOWN || look->allowance.state == CAPACITY_UNPARSEABLE)
        findings_add(&status->findings, CRITICAL, "%s", state);
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
    char *state = text_of(look, capacity_look_print_state);
    char *limits = text_of(look, capacity_look_print_limits);
    bool is_known = look->snapshot.capacity.open.kind == OPEN_ORDERS_KNOWN;

    (void)json_object_set_new(
        status->document, "capacity",
        json_pack("{s:o, s:s, s:o, s:I, s:b, s:I}", "open_orders",
                  is_known ? json_integer(look->snapshot.capacity.open.count) : json_null(),
                  "state", state, "limits", lines_of(limits), "allowed_in_a_cycle",
                  (json_int_t)capacity_look_allowed(look), "supers_only",
                  look->allowance.supers_only, "in_flight", (json_int_t)look->allowance.in_flight));
    judge(status, look, state);
    free(state);
    free(limits);
}

static void add_safe_mode(struct status *status, const struct capacity_look *look)
{
    const struct snapshot *snapshot = &look->snapshot;
    bool is_set = snapshot->safe_mode, ends = is_set && snapshot->safe_ttl_sec >= 0;
    char text[CAPACITY_LOOK_SAFE_MAX];

    capacity_look_safe_text(look, text);
    if (is_set)
        findings_add(&status->findings, CRITICAL, "SAFE_MODE is set: '%s'", text);
    (void)json_object_set_new(status->document, "safe_mode",
                              json_pack("{s:b, s:o, s:o}", "set", is_set, "value",
                                        is_set ? json_string(text) : json_null(), "ttl_sec",
                                        ends ? json_integer(snapshot->safe_ttl_sec) : json_null()));
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
