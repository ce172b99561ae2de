/* SPDX-License-Identifier: MIT */
/*
 * The executor's vital signs: takes its facts to report, metrics and health, and shows
 * these over HTTP and to systemd.
 *
 * One for the process, next to the executor, started before it and stopped with it. It asks Redis
 * how far the group is behind, and touches nothing else.
 */
#pragma once

#include <uv.h>

#include "common/service/service_vitals.h"
#include "executor/act/executor_fact.h"
#include "executor/act/inbox.h"
#include "executor/tell/executor_metrics.h"
#include "executor/tell/executor_report.h"

struct executor_vitals {
    const struct executor_settings *settings;
    const struct inbox *inbox;
    struct executor_report report;
    struct executor_metrics metrics;
    struct service_vitals service;
};

/* The executor's observer, with the vitals as owner. */
void executor_vitals_told(void *owner, const struct executor_fact *fact);

/* Of the executor this is looked at, and the desk and the clock by way of it. */
void executor_vitals_start(struct executor_vitals *vitals, uv_loop_t *loop,
                           const struct executor_settings *settings, const struct inbox *inbox);

/* After the loop has run empty. */
void executor_vitals_deinit(struct executor_vitals *vitals);
