/* SPDX-License-Identifier: MIT */
#include "ctl/status/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* From the worst down. */
static const enum severity worst_first[] = {CRITICAL, UNKNOWN, WARNING, HEALTHY};

static const char *const names[] = {
    [HEALTHY] = "ok",
    [WARNING] = "warning",
    [CRITICAL] = "critical",
    [UNKNOWN] = "unknown",
};

void findings_add(struct findings *findings, enum severity severity, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    findings->list = memory_resize(findings->list, findings->count + 1, sizeof *findings->list);
    findings->list[findings->count++] = (struct finding){severity, text};
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

json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        for (size_t j = 0; j < findings->count; j++)
            if (findings->list[j].severity == worst_first[i])
                (void)json_array_append_new(list, json_pack("{s:s, s:s}", "severity",
                                                            names[worst_first[i]], "text",
                                                            findings->list[j].text));
    return list;
}
