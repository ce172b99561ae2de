/* SPDX-License-Identifier: MIT */
/*
 * The router's vital signs: watches the router through its events, keeps metrics and health, and
 * shows them over HTTP and to systemd.
 *
 * One for the process, next to the router, started before it and stopped with it. It asks Redis
 * how far the group is behind, when the router has nothing better to do, and touches nothing else.
 */
#pragma once

#include <uv.h>

#include "common/redis/backlog.h"
#include "common/service/health.h"
#include "common/service/monitor.h"
#include "router/tell/advice.h"
#include "router/tell/metrics.h"
#include "router/tell/router_watched.h"

struct vitals {
    const struct router_settings *settings;
    struct router_watched router;
    struct metrics metrics;
    struct health health;
    struct backlog backlog;
    struct advice advice;
    struct monitor monitor;
    uv_timer_t pulse;
    struct stream_id recovered; /* as far as the intake had come at the last pulse */
};

/* For router_start(), with the vitals as owner. */
extern const struct router_events vitals_router_events;

/* With the router's settings as owner. */
extern const struct health_rules vitals_health_rules;

void vitals_start(struct vitals *vitals, uv_loop_t *loop, const struct router_settings *settings,
                  struct router_watched router);

/* The way down has begun; before router_stop(). */
void vitals_stop(struct vitals *vitals);

/* The configuration was read again. */
void vitals_reloading(struct vitals *vitals);
void vitals_reloaded(struct vitals *vitals, bool successful);

/* After the loop has run empty. */
void vitals_deinit(struct vitals *vitals);
