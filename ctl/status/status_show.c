/* SPDX-License-Identifier: MIT */
#include "ctl/status/status.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/look/findings.h"

enum { LABEL_WIDTH = 14 };

struct show {
    json_t *document;
    FILE *out;
    const struct terminal *terminal;
};

static json_t *section(const struct show *show, const char *name)
{
    return json_object_get(show->document, name);
}

static long long count_of(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? (long long)json_integer_value(value) : -1;
}

static const char *text_of(json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : otherwise;
}

const char *status_short_name(json_t *document, const char *name)
{
    const char *prefix = text_of(document, "prefix", "");
    size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 && name[length] ? name + length : name;
}

static void label(const struct show *show, const char *text)
{
    (void)fprintf(show->out, "%s%-*s%s", terminal_on(show->terminal, COLOR_DIM), LABEL_WIDTH, text,
                  terminal_off(show->terminal, COLOR_DIM));
}

/* --- streams */

static void add_rate(struct sheet *sheet, json_t *value)
{
    if (json_is_number(value))
        sheet_add_format(sheet, "%.1f", json_number_value(value));
    else
        sheet_add(sheet, "-");
}

static void add_group(const struct show *show, struct sheet *sheet, const char *name, json_t *group)
{
    bool is_counted = json_is_true(json_object_get(group, "lag_counted"));

    sheet_add_format(sheet, "  %s", status_short_name(show->document, name));
    sheet_add_count(sheet, count_of(group, "entries_read"));
    add_rate(sheet, json_object_get(group, "read_per_sec"));
    sheet_add(sheet, "");
    sheet_add_format(sheet, "%s%lld", is_counted ? "=" : "", count_of(group, "lag"));
    sheet_add_count(sheet, count_of(group, "pending"));
    sheet_add_span(sheet, count_of(group, "oldest_pending_age_ms"));
    sheet_add_count(sheet, count_of(group, "consumers"));
}

static void add_stream(const struct show *show, struct sheet *sheet, const char *name,
                       json_t *stream)
{
    const char *group_name;
    json_t *group;

    sheet_add(sheet, status_short_name(show->document, name));
    if (json_is_null(stream))
        sheet_add(sheet, "none");
    else
        sheet_add_count(sheet, count_of(stream, "length"));
    add_rate(sheet, json_object_get(stream, "added_per_sec"));
    sheet_add_span(sheet, count_of(stream, "newest_age_ms"));
    for (size_t i = 4; i < sheet->columns; i++)
        sheet_add(sheet, "");
    json_object_foreach(json_object_get(stream, "groups"), group_name, group)
        add_group(show, sheet, group_name, group);
}

static void show_streams(const struct show *show)
{
    static const char *const titles[] = {"<stream, group", "entries", "/s",      "newest", "lag",
                                         "pending",        "oldest",  "readers", NULL};
    struct sheet sheet;
    const char *name;
    json_t *stream;

    sheet_init(&sheet, titles);
    json_object_foreach(section(show, "streams"), name, stream)
        add_stream(show, &sheet, name, stream);
    sheet_print(&sheet, show->out, show->terminal);
    sheet_deinit(&sheet);
    (void)fputs("\n", show->out);
}

/* --- capacity */

static void show_capacity(const struct show *show)
{
    json_t *capacity = section(show, "capacity"), *line;
    size_t i;

    if (!capacity)
        return;
    label(show, "capacity");
    (void)fprintf(show->out, "%s\n", text_of(capacity, "state", "?"));
    json_array_foreach(json_object_get(capacity, "limits"), i, line)
    {
        label(show, "");
        (void)fprintf(show->out, "%s\n", json_string_value(line));
    }
    label(show, "");
    (void)fprintf(show->out, "allowed in a cycle now: %lld%s\n",
                  count_of(capacity, "allowed_in_a_cycle"),
                  json_is_true(json_object_get(capacity, "supers_only")) ? ", supers only" : "");
}

/* So many are named. */
enum { SYMBOLS_SHOWN = 10 };

static void show_symbols(const struct show *show, json_t *held)
{
    const char *symbol, *comma = "";
    size_t left = SYMBOLS_SHOWN;
    json_t *value;

    json_object_foreach(json_object_get(held, "by_symbol"), symbol, value)
    {
        if (left-- == 0)
            break;
        (void)fprintf(show->out, "%s%s %s", comma, symbol, json_string_value(value));
        comma = ", ";
    }
    if (count_of(held, "symbol_count") > SYMBOLS_SHOWN)
        (void)fprintf(show->out, ", +%lld more", count_of(held, "symbol_count") - SYMBOLS_SHOWN);
    (void)fputs("\n", show->out);
}

static void show_held(const struct show *show)
{
    json_t *held = section(show, "held"), *agrees = json_object_get(held, "agrees");
    const char *why = text_of(held, "why", "");

    if (!held)
        return;
    label(show, "held");
    if (count_of(held, "symbol_count") > 0) {
        show_symbols(show, held);
        label(show, "");
    }
    if (json_is_true(agrees))
        (void)fprintf(show->out, "agrees: %lld open, %lld held\n", count_of(held, "count"),
                      count_of(held, "count"));
    else if (json_is_false(agrees))
        (void)fprintf(show->out, "disagrees: %s\n", why);
    else
        (void)fprintf(show->out, "not known: %s\n", why);
}

static void show_pace(const struct show *show)
{
    char router[NUMBER_TEXT_MAX], executor[NUMBER_TEXT_MAX];
    json_t *pace = section(show, "pace");

    if (!pace)
        return;
    number_shortest(json_number_value(json_object_get(pace, "router_per_min")), router);
    number_shortest(json_number_value(json_object_get(pace, "executor_per_min")), executor);
    label(show, "pace");
    (void)fprintf(show->out, "router may publish %s/min, executor takes %s/min\n", router,
                  executor);
}

static void show_safe_mode(const struct show *show)
{
    json_t *safe_mode = section(show, "safe_mode");
    long long ttl_sec = count_of(safe_mode, "ttl_sec");

    if (!safe_mode)
        return;
    label(show, "safe mode");
    if (!json_is_true(json_object_get(safe_mode, "set"))) {
        (void)fputs("not set\n", show->out);
        return;
    }
    (void)fprintf(show->out, "%sSET%s '%s'", terminal_on(show->terminal, COLOR_RED),
                  terminal_off(show->terminal, COLOR_RED), text_of(safe_mode, "value", ""));
    if (ttl_sec >= 0)
        (void)fprintf(show->out, ", ends in %llds", ttl_sec);
    if (*text_of(safe_mode, "reason", ""))
        (void)fprintf(show->out, ": %s", text_of(safe_mode, "reason", ""));
    (void)fprintf(show->out, " (%s)\n", text_of(safe_mode, "key", ""));
}

/* --- keys */

static void show_leader(const struct show *show)
{
    json_t *leader = section(show, "leader");
    const char *instance = text_of(leader, "instance", NULL);
    char left[SPAN_TEXT_MAX];

    if (!leader)
        return;
    label(show, "leader");
    span_print(count_of(leader, "ttl_ms"), left);
    if (instance)
        (void)fprintf(show->out, "%s, its lease has %s left\n", instance, left);
    else
        (void)fputs("none\n", show->out);
}

static void show_counts(const struct show *show)
{
    json_t *daily = section(show, "daily"), *dedup = section(show, "dedup");

    if (daily) {
        label(show, "today");
        (void)fprintf(show->out, "%s",
                      counted(count_of(daily, "intents"), "intent", "intents").text);
        if (count_of(daily, "most") >= 0)
            (void)fprintf(show->out, " of %lld", count_of(daily, "most"));
        (void)fprintf(show->out, " (%s)\n", text_of(daily, "day", "?"));
    }
    if (dedup) {
        label(show, "dedup marks");
        (void)fprintf(show->out, "%lld\n", count_of(dedup, "marks"));
    }
}

static void show_limiter(const struct show *show, const char *name, json_t *limiter)
{
    char left[SPAN_TEXT_MAX];

    span_print(count_of(limiter, "ttl_ms"), left);
    (void)fprintf(show->out, "%s %lld of %lld", status_short_name(show->document, name),
                  count_of(limiter, "count"), count_of(limiter, "most"));
    if (count_of(limiter, "ttl_ms") >= 0)
        (void)fprintf(show->out, ", resets in %s at %.8s\n", left,
                      text_of(limiter, "resets_at", "0000-00-00T?") + 11);
    else
        (void)fputs(", never resets\n", show->out);
}

static void show_limiters(const struct show *show)
{
    json_t *limiters = section(show, "rate_limits");
    const char *name, *words = "rate limits";
    json_t *limiter;

    if (!limiters)
        return;
    json_object_foreach(limiters, name, limiter)
    {
        label(show, words);
        show_limiter(show, name, limiter);
        words = "";
    }
    if (json_object_size(limiters) == 0) {
        label(show, words);
        (void)fputs("nothing is limited now\n", show->out);
    }
}

/* --- services */

static void show_stale(const struct show *show)
{
    json_t *stale = section(show, "stale_drops");
    long long router = count_of(stale, "router"), executor = count_of(stale, "executor");

    label(show, "stale drops");
    if (router < 0)
        (void)fputs("router ?", show->out);
    else
        (void)fprintf(show->out, "router %lld", router);
    if (executor < 0)
        (void)fputs(", executor ?", show->out);
    else
        (void)fprintf(show->out, ", executor %lld", executor);
    (void)fputs(router < 0 || executor < 0 ? " (? does not answer at its metrics port)\n" : "\n",
                show->out);
}

static void show_services(const struct show *show)
{
    const char *name, *words = "services";
    json_t *state;

    json_object_foreach(section(show, "services"), name, state)
    {
        label(show, words);
        (void)fprintf(show->out, "%s %s\n", name, json_string_value(state));
        words = "";
    }
}

static void show_certificate(const struct show *show)
{
    json_t *certificate = section(show, "certificate");

    if (!json_is_object(certificate))
        return;
    label(show, "certificate");
    (void)fprintf(show->out, "of the %s, until %s\n", text_of(certificate, "whose", "?"),
                  text_of(certificate, "ends_at", "?"));
}

/* --- findings */

static void show_findings(const struct show *show)
{
    static const enum color colors[] = {
        [HEALTHY] = COLOR_GREEN,
        [WARNING] = COLOR_YELLOW,
        [CRITICAL] = COLOR_RED,
        [UNKNOWN] = COLOR_YELLOW,
    };
    const char *health = text_of(show->document, "health", "unknown");
    json_t *finding;
    size_t i;

    (void)fputs("\n", show->out);
    json_array_foreach(section(show, "findings"), i, finding)
    {
        const char *severity = text_of(finding, "severity", "unknown");
        enum color color = colors[severity_of(severity)];
        (void)fprintf(show->out, "%s%-8s%s  %s\n", terminal_on(show->terminal, color), severity,
                      terminal_off(show->terminal, color), text_of(finding, "text", ""));
    }
    enum color color = colors[severity_of(health)];
    (void)fprintf(show->out, "health: %s%s%s\n", terminal_on(show->terminal, color), health,
                  terminal_off(show->terminal, color));
}

static void show_records(const struct show *show)
{
    json_t *records = section(show, "records");
    int64_t oldest_ms = count_of(records, "oldest_age_ms");
    char shown[SPAN_TEXT_MAX];

    label(show, "records");
    if (oldest_ms >= 0) {
        span_print(oldest_ms, shown);
        (void)fprintf(show->out, "%lld decisions, the oldest %s old\n", count_of(records, "count"),
                      shown);
    } else {
        (void)fputs(json_object_get(records, "count") ? "none\n" : "unknown\n", show->out);
    }
}

void status_show(json_t *document, FILE *out, const struct terminal *terminal)
{
    const struct show show = {document, out, terminal};

    (void)fprintf(out, "quantum at %s, Redis at %s, names with %s\n\n",
                  text_of(document, "at", "?"), text_of(document, "redis", "?"),
                  text_of(document, "prefix", ""));
    show_streams(&show);
    show_records(&show);
    label(&show, "results");
    (void)fprintf(out, "%s\n", text_of(section(&show, "results"), "state", "unknown"));
    show_capacity(&show);
    show_held(&show);
    show_pace(&show);
    show_safe_mode(&show);
    show_leader(&show);
    show_counts(&show);
    show_limiters(&show);
    show_stale(&show);
    show_services(&show);
    show_certificate(&show);
    show_findings(&show);
}
