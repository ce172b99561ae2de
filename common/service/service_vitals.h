/* SPDX-License-Identifier: MIT */
/*
 * The vital signs that every service has: its health, how far its group is behind, what it shows
 * over HTTP, and a pulse a second that sees to what no event brings.
 *
 * Embedded in a service's vitals, which take the service's facts to report and metrics, and hand on
 * here what means the same in every service.
 */
#pragma once

#include <uv.h>

#include "common/redis/backlog.h"
#include "common/redis/settings.h"
#include "common/service/certificate_watch.h"
#include "common/service/health.h"
#include "common/service/monitor.h"
#include "common/service/pace_watch.h"
#include "common/service/service_metrics.h"

enum { SERVICE_PULSE_MS = 1000 };

/* What a service says of itself; `owner` is its vitals. */
struct service_vitals_rules {
    const char *name;    /* "quantum-router" */
    const char *ready;   /* what /readyz means: "200 when it can publish" */
    const char *entries; /* what its stream holds: "signal" */
    const struct health_rules *health;
    void (*pulse)(void *owner);
    void (*print)(void *owner, struct page *page); /* the metrics */
    const struct monitor_page *more;      /* beside the metrics, with `owner`; NULL: none */
    double (*pace)(const void *settings); /* in intents a minute; 0: not to be compared */
};

struct service_vitals {
    const struct service_vitals_rules *rules;
    void *owner;
    struct service_metrics *metrics; /* the owner's */
    struct health health;
    struct backlog backlog;
    struct monitor monitor;
    struct pace_watch pace;
    struct certificate_watch certificate;
    const void *settings;
    struct link *link; /* from the first session on */
    uv_timer_t pulse;
};

/* `settings` go to the rules, and those of health. Caller's to set before: `rules`, `owner`,
 * `metrics`, the backlog's stream and group, the keys of the pace, and the monitor's address. */
void service_vitals_start(struct service_vitals *vitals, uv_loop_t *loop,
                          const struct redis_settings *redis, const void *settings);

/* A session opened: the backlog is asked for on this link. `reader` as backlog.h has it. */
void service_vitals_opened(struct service_vitals *vitals, struct link *link,
                           const struct redis_clock *clock, const struct group_reader *reader);

/* The configuration is read again; then it is in force, or it was no good. */
void service_vitals_reloading(struct service_vitals *vitals);
void service_vitals_adopted(struct service_vitals *vitals);
void service_vitals_reload_failed(struct service_vitals *vitals);

/* The service has closed all that is its own: the loop ends. */
void service_vitals_closed(struct service_vitals *vitals);

/* The way down has begun; before the service is stopped. */
void service_vitals_stop(struct service_vitals *vitals);

/* After the loop has run empty. */
void service_vitals_deinit(struct service_vitals *vitals);
