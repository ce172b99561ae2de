/* SPDX-License-Identifier: MIT */
/*
 * The executor's vital signs: watches the executor through its events, keeps metrics and health,
 * and shows them over HTTP and to systemd.
 *
 * One for the process, next to the executor, started before it and stopped with it. It asks Redis
 * how far the group is behind, and touches nothing else.
 */
#pragma once

#include <uv.h>

#include "common/redis/backlog.h"
#include "common/service/health.h"
#include "common/service/monitor.h"
#include "executor/tell/executor_metrics.h"
#include "executor/tell/executor_watched.h"

struct executor_vitals {
    const struct executor_settings *settings;
    struct executor_watched executor;
    struct executor_metrics metrics;
    struct health health;
    struct backlog backlog;
    struct monitor monitor;
    uv_timer_t pulse;
};

/* For executor_start(), with the vitals as owner. */
extern const struct executor_events executor_vitals_executor_events;

void executor_vitals_start(struct executor_vitals *vitals, uv_loop_t *loop,
                           const struct executor_settings *settings,
                           struct executor_watched executor);

/* The way down has begun; before executor_stop(). */
void executor_vitals_stop(struct executor_vitals *vitals);

/* The configuration was read again. */
void executor_vitals_reloading(struct executor_vitals *vitals);
void executor_vitals_reloaded(struct executor_vitals *vitals, bool successful);

/* After the loop has run empty. */
void executor_vitals_deinit(struct executor_vitals *vitals);
