/* SPDX-License-Identifier: MIT */
/*
 * The router's vital signs: takes its facts to report, metrics and health, and shows these over
 * HTTP and to systemd.
 *
 * One for the process, next to the router, started before it and stopped with it. It asks Redis
 * how far the group is behind, when the router has nothing better to do, and touches nothing else.
 */
#pragma once

#include <uv.h>

#include "common/service/service_vitals.h"
#include "router/act/cycle.h"
#include "router/act/fact.h"
#include "router/act/intake.h"
#include "router/tell/advice.h"
#include "router/tell/metrics.h"
#include "router/tell/report.h"
#include "router/tell/window_view.h"

struct vitals {
    const struct router_settings *settings;
    const struct intake *intake;
    const struct cycle *cycle;
    struct report report;
    struct metrics metrics;
    struct advice advice;
    struct window_view view;
    struct service_vitals service;
    struct stream_id recovered; /* as far as the intake had come at the last pulse */
};

/* The router's observer, with the vitals as owner. */
void vitals_told(void *owner, const struct router_fact *fact);

/* With the router's settings as owner. */
extern const struct health_rules vitals_health_rules;

/* Of the router these are looked at, from its first session on. */
void vitals_start(struct vitals *vitals, uv_loop_t *loop, const struct router_settings *settings,
                  const struct intake *intake, const struct cycle *cycle);

/* After the loop has run empty. */
void vitals_deinit(struct vitals *vitals);
