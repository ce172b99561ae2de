/* SPDX-License-Identifier: MIT */
/*
 * A second policy beside the live one, of a report: --with=FILE. Its windows are read on their own,
 * once the report's figures are there, and told as replay tells them. Owned by the report.
 */
#pragma once

#include "ctl/what_if/what_if.h"

struct report_with {
    struct what_if *what_if; /* NULL: there is none */
    struct replay_run run;
};

struct report;
struct invocation;

/* Out of the report's archive, or with `ask` out of Redis. Negative: it went wrong, which was told.
 */
int report_with_read(struct report_with *with, const struct report *report,
                     const struct invocation *invocation, const char *file, const struct ask *ask)
    __attribute__((warn_unused_result));
void report_with_release(struct report_with *with);

/* --- what is told, if there is one */

void report_with_print(const struct report_with *with);
json_t *report_with_json(const struct report_with *with);
void report_with_put(FILE *out, const struct report_with *with);
