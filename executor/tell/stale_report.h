/* SPDX-License-Identifier: MIT */
/*
 * What is told of stale intents: the first at once, and then one line in 30 s for all of them,
 * which names the last. When no other one comes, what was held back is told as soon as the 30 s are
 * over. The metrics count each.
 *
 * The timer runs only while something is held back. Embedded in the report.
 */
#pragma once

#include <stdint.h>
#include <uv.h>

#include "common/log/log.h"
#include "executor/act/executor_fact.h"

struct stale_report {
    uv_timer_t timer;
    struct log_limit limit;
    struct stale_drop last;
    uint64_t total;
};

void stale_report_init(struct stale_report *report, uv_loop_t *loop);

void stale_report_add(struct stale_report *report, const struct stale_drop *drop);

void stale_report_close(struct stale_report *report);
