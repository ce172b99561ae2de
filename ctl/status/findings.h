/* SPDX-License-Identifier: MIT */
/*
 * What is found to be wrong, one line each with its severity, and what they come to together:
 * healthy, warning, critical or unknown, as the exit status of quantumctl status. Owned by one
 * reading of the status.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* The exit statuses of quantumctl status. */
enum severity { HEALTHY, WARNING, CRITICAL, UNKNOWN };

struct finding {
    enum severity severity;
    char *text;
};

struct findings {
    struct finding *list;
    size_t count;
};

/* The text is complete in itself; what came from outside was escaped. */
void findings_add(struct findings *findings, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void findings_free(struct findings *findings);

/* The worst: critical, then unknown, then warning. */
enum severity findings_health(const struct findings *findings);

/* "ok", "warning", "critical", "unknown". */
const char *severity_name(enum severity severity);
enum severity severity_of(const char *name);

/* A list of objects, the worst first. */
json_t *findings_json(const struct findings *findings);
