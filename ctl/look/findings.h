/* SPDX-License-Identifier: MIT */
/*
 * What is found to be wrong, one line each with its severity, and what they come to together:
 * healthy, warning, critical or unknown, as the exit status of quantumctl status. Owned by one
 * reading of the status.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Their numbers are the exit statuses of quantumctl status, as those of monitoring plugins. Which
 * is the worse, findings_health() says: the numbers do not. */
enum severity { HEALTHY, WARNING, CRITICAL, UNKNOWN };

struct finding {
    enum severity severity;
    char *text;
    int64_t age_ms; /* that the text tells; negative: it tells none */
};

struct findings {
    struct finding *list;
    size_t count;
};

/* The text is complete in itself; what came from outside was escaped. */
void findings_add(struct findings *findings, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a text that tells an age: "… 3m old …", as span_print() has it. */
void findings_add_aged(struct findings *findings, enum severity severity, int64_t age_ms,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Copies of all of them. */
void findings_add_all(struct findings *findings, const struct findings *others);

void findings_free(struct findings *findings);

/* The worst: critical, then unknown, then warning. */
enum severity findings_health(const struct findings *findings);

/* "ok", "warning", "critical", "unknown". */
const char *severity_name(enum severity severity);
enum severity severity_of(const char *name);

/* A list of objects, the worst first: "severity", "text", and "age_ms" where the text tells one. */
json_t *findings_json(const struct findings *findings);

/* A finding of such a list without its age, by which it is known again; the caller frees it. */
char *finding_identity(json_t *finding);
