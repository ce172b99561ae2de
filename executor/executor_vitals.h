/* SPDX-License-Identifier: MIT */
/*
 * The executor's signs of life: watches it through its events, keeps metrics and health, and shows
 * them over HTTP and to systemd.
 *
 * One for the process, next to the executor, started before it and stopped with it. It asks Redis
 * how far the group is behind, and touches nothing else.
 */
#pragma once

#include <uv.h>

#include "common/redis/backlog.h"
#include "common/service/health.h"
#include "common/service/monitor.h"
#include "executor/executor.h"
#include "executor/figures.h"

struct signs {
    const struct executor_settings *settings;
    struct executor *executor;
    struct figures figures;
    struct health health;
    struct backlog backlog;
    struct monitor monitor;
    uv_timer_t pulse;
    uint64_t asked_at_ms;
};

/* For executor_start(), with the signs as owner. */
extern const struct executor_events signs_executor_events;

void signs_start(struct signs *signs, uv_loop_t *loop, const struct executor_settings *settings,
                 struct executor *executor);

/* The way down has begun; before executor_stop(). */
void signs_stop(struct signs *signs);

/* The configuration was read again. */
void signs_reloading(struct signs *signs);
void signs_reloaded(struct signs *signs, bool successful);

/* After the loop has run empty. */
void signs_deinit(struct signs *signs);
