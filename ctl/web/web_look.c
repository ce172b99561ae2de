/* SPDX-License-Identifier: MIT */
#include "ctl/web/web_look.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "ctl/frame/document.h"
#include "ctl/web/web_window.h"

/* Lists that Redis may make as long as it likes. */
enum { SYMBOLS_MAX = 100, LIMITERS_MAX = 30, GROUPS_MAX = 12, FINDINGS_MAX = 40, TEXT_MAX = 400 };

/* What goes wrong is in the findings, or in why there is no look: nobody reads stderr here. */
static void keep_silent(const char *line)
{
    (void)line;
}

static const struct ctl_command look_command = {.name = "web", .complain = keep_silent};

/* --- within bounds */

/* The names of an object beyond the first so many go. */
static void cut_object(json_t *object, size_t most)
{
    const char *name;
    json_t *value;
    void *next;
    size_t seen = 0;

    json_object_foreach_safe(object, next, name, value)
    {
        if (seen++ >= most)
            (void)json_object_del(object, name);
    }
}

static void cut_findings(json_t *findings)
{
    json_t *finding;
    size_t i;

    while (json_array_size(findings) > FINDINGS_MAX)
        (void)json_array_remove(findings, FINDINGS_MAX);
    json_array_foreach(findings, i, finding)
    {
        const char *text = json_string_value(json_object_get(finding, "text"));
        if (text && strlen(text) > TEXT_MAX) {
            char *cut = memory_format("%.*s", TEXT_MAX, text);
            document_put(finding, "text", document_text(cut, strlen(cut)));
            free(cut);
        }
    }
}

static void cut_status(json_t *status)
{
    const char *name;
    json_t *stream;

    cut_object(json_object_get(json_object_get(status, "held"), "by_symbol"), SYMBOLS_MAX);
    cut_object(json_object_get(status, "rate_limits"), LIMITERS_MAX);
    cut_findings(json_object_get(status, "findings"));
    json_object_foreach(json_object_get(status, "streams"), name, stream)
        cut_object(json_object_get(stream, "groups"), GROUPS_MAX);
}

/* The text, or NULL where it is too long. */
static char *text_of(json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));

    if (text && strlen(text) <= WEB_LOOK_BYTES_MAX)
        return text;
    free(text);
    return NULL;
}

/* What is least missed goes first, until it fits; which went, "left_out" says. NULL: it never does.
 */
static char *fitting(json_t *document)
{
    static const char *const parts[][2] = {
        {"status", "writers"}, {"status", "rate_limits"}, {NULL, "cycles"}, {NULL, "results"},
        {"status", "streams"}, {"status", "held"},        {NULL, "window"}, {NULL, "status"},
    };
    json_t *left_out = json_array();
    char *text = NULL;

    document_put(document, "left_out", left_out);
    for (size_t i = 0; !(text = text_of(document)) && i < sizeof parts / sizeof *parts; i++) {
        json_t *from = parts[i][0] ? json_object_get(document, parts[i][0]) : document;
        (void)json_object_del(from, parts[i][1]);
        (void)json_array_append_new(left_out, json_string(parts[i][1]));
    }
    return text;
}

/* --- the look */

/* What bounds the boxes, where the router itself does not say. */
static json_t *limits_json(const struct router_settings *settings)
{
    const struct capacity_rules *capacity = &settings->plan.capacity;

    return json_pack("{s:I, s:I, s:I, s:f}", "max_open", (json_int_t)capacity->max_open,
                     "target_open", (json_int_t)capacity->target_open, "max_new_per_cycle",
                     (json_int_t)capacity->max_new_per_cycle, "super_confidence",
                     capacity->super_confidence);
}

static int64_t time_of(json_t *status)
{
    const char *at = json_string_value(json_object_get(status, "at"));
    int64_t ms = 0;

    if (at)
        (void)calendar_read_iso(at, strlen(at), &ms);
    return ms;
}

static int read_all(struct web_look *look, const struct ask *ask, json_t **ret_document)
{
    const struct record_keys keys = {look->router->keys.decisions, look->router->keys.settings};
    json_t *status;

    if (status_look_read(&look->status, ask, &status) < 0)
        return -1;
    int64_t now_ms = time_of(status);
    if (web_cycles_look(&look->cycles, ask, &keys) < 0 ||
        web_results_look(&look->results, ask, look->executor->keys.results, now_ms) < 0) {
        json_decref(status);
        return -1;
    }
    json_t *window = look->status.router_answers ? web_window_read(look->router, status)
                                                 : web_window_none(look->router);
    cut_status(status);
    *ret_document =
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "at_ms", (json_int_t)now_ms, "limits",
                  limits_json(look->router), "status", status, "window", window, "cycles",
                  web_cycles_json(&look->cycles), "results", web_results_json(&look->results));
    return 0;
}

/* Why not, or NULL; the caller frees it. */
static char *connect_to(struct web_look *look)
{
    if (look->client)
        return NULL;
    look->client = client_new(&look->redis, CTL_NAME ":web");
    if (client_open(look->client) == 0)
        return NULL;
    char *why = memory_text(escaped(client_error(look->client)).text);
    client_free(look->client);
    look->client = NULL;
    return why;
}

char *web_look_take(struct web_look *look, char **ret_why)
{
    char *why = connect_to(look), *text = NULL;
    const struct ask ask = {&look_command, look->client};
    json_t *document;

    if (!why && read_all(look, &ask, &document) == 0) {
        text = fitting(document);
        json_decref(document);
        why = text ? NULL : memory_text("what was found cannot be told");
    } else if (!why) {
        const char *error = client_error(look->client);
        why = memory_text(*error ? escaped(error).text : "Redis refuses what nothing goes without");
        client_free(look->client);
        look->client = NULL;
    }
    *ret_why = why;
    return text;
}

/* A signal ends the process soon, also where a look waits for an answer. */
static int64_t at_most(int64_t timeout_ms)
{
    enum { ANSWER_MS_MAX = 700 };

    return timeout_ms < ANSWER_MS_MAX ? timeout_ms : ANSWER_MS_MAX;
}

void web_look_init(struct web_look *look)
{
    look->cycles.with = &look->with;
    look->redis = look->router->redis;
    look->redis.reply_timeout_ms = at_most(look->redis.reply_timeout_ms);
    look->redis.connect_timeout_ms = at_most(look->redis.connect_timeout_ms);
}

void web_look_deinit(struct web_look *look)
{
    client_free(look->client);
    status_looks_release(&look->status);
    web_cycles_release(&look->cycles);
    web_results_release(&look->results);
    web_with_release(&look->with);
}
