/* SPDX-License-Identifier: MIT */
/*
 * The executor's log words: what is told of a fact. Lines about stale intents stand in
 * stale_report.c, those that every service has in common/service.
 *
 * It remembers what it said last, so that a hold is told when it begins and ends, and a flood gets
 * a few lines and a number. Embedded in the vitals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/log/log.h"
#include "common/service/service_report.h"
#include "executor/act/executor_fact.h"
#include "executor/settings/executor_settings.h"
#include "executor/tell/stale_report.h"

struct executor_report {
    const struct executor_settings *settings;
    struct service_report service; /* what every service tells */
    enum hold_reason hold;
    int64_t halt_number;
    bool hold_explained; /* safe mode's reason was told, which is written after it */
    uint64_t hold_told_ms;
    uint64_t hold_since_ms;
    struct log_limit outcomes[OUTCOME_COUNT];
    struct log_limit locks;
    struct log_limit faults;
    struct log_limit skew;
    int64_t unsure_since_ms; /* that was told; 0: nothing waits */
    char unkept[160];        /* why what is held is not kept, as it was told; empty: it is kept */
    struct stale_report stale;
};

void executor_report_init(struct executor_report *report, const struct executor_settings *settings,
                          uv_loop_t *loop);

void executor_report_start(const struct executor_settings *settings, const char *config_path);
void executor_report_fact(struct executor_report *report, const struct executor_fact *fact);
void executor_report_stopped(void);
