/* SPDX-License-Identifier: MIT */
#include "ctl/look/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"

/* Not by their numbers: what is known to be critical must not hide behind what cannot be known. */
static const enum severity worst_first[] = {CRITICAL, UNKNOWN, WARNING, HEALTHY};

static const char *const names[] = {
    [HEALTHY] = "ok",
    [WARNING] = "warning",
    [CRITICAL] = "critical",
    [UNKNOWN] = "unknown",
};

static void take(struct findings *findings, struct finding finding)
{
    findings->list = memory_resize(findings->list, findings->count + 1, sizeof *findings->list);
    findings->list[findings->count++] = finding;
}

void findings_add(struct findings *findings, enum severity severity, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    take(findings, (struct finding){severity, memory_format_list(format, arguments), -1});
    va_end(arguments);
}

void findings_add_aged(struct findings *findings, enum severity severity, int64_t age_ms,
                       const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    take(findings, (struct finding){severity, memory_format_list(format, arguments), age_ms});
    va_end(arguments);
}

void findings_add_all(struct findings *findings, const struct findings *others)
{
    for (size_t i = 0; i < others->count; i++) {
        struct finding copy = others->list[i];
        copy.text = memory_text(copy.text);
        take(findings, copy);
    }
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->list[i].text);
    free(findings->list);
    *findings = (struct findings){0};
}

static size_t count_of(const struct findings *findings, enum severity severity)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->list[i].severity == severity;
    return count;
}

enum severity findings_health(const struct findings *findings)
{
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        if (count_of(findings, worst_first[i]) > 0)
            return worst_first[i];
    return HEALTHY;
}

const char *severity_name(enum severity severity)
{
    return names[severity];
}

enum severity severity_of(const char *name)
{
    for (enum severity severity = HEALTHY; severity < UNKNOWN; severity++)
        if (strcmp(names[severity], name) == 0)
            return severity;
    return UNKNOWN;
}

static json_t *finding_json(const struct finding *finding)
{
    json_t *object =
        json_pack("{s:s, s:s}", "severity", names[finding->severity], "text", finding->text);

    if (finding->age_ms >= 0)
        document_put(object, "age_ms", json_integer(finding->age_ms));
    return object;
}

json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        for (size_t j = 0; j < findings->count; j++)
            if (findings->list[j].severity == worst_first[i])
                (void)json_array_append_new(list, finding_json(&findings->list[j]));
    return list;
}

char *finding_identity(json_t *finding)
{
    const char *severity = json_string_value(json_object_get(finding, "severity"));
    const char *text = json_string_value(json_object_get(finding, "text"));
    json_t *age = json_object_get(finding, "age_ms");
    char span[SPAN_TEXT_MAX];
    const char *at = NULL;

    if (!severity || !text)
        return json_dumps(finding, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    if (json_is_integer(age)) {
        span_print(json_integer_value(age), span);
        char *told = memory_format("%s old", span);
        at = strstr(text, told);
        free(told);
    }
    if (!at)
        return memory_format("%s %s", severity, text);
    return memory_format("%s %.*s%s", severity, (int)(at - text), text, at + strlen(span));
}
