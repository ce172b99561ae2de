/* SPDX-License-Identifier: MIT */
/*
 * Whether a service is well, and who is told: /healthz, /readyz, systemd's status line and
 * watchdog.
 *
 * Ready: a session is open, what was pending is read, nothing is refused. Well, for the watchdog:
 * something was heard within the time that the deadlines of the present state add up to, which the
 * service says; a wait for Redis is honest as long as one try follows the other. Embedded in a
 * service's vitals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/settings.h"
#include "common/service/notify.h"
#include "common/service/page.h"
#include "common/service/watchdog.h"

enum health_state {
    HEALTH_WAITING,
    HEALTH_STANDBY,
    HEALTH_RECOVERING,
    HEALTH_RUNNING,
    HEALTH_STOPPING,
};

#define HEALTH_REASON_MAX 256

/* What a service says of itself. */
struct health_rules {
    const char *role;    /* of one that runs: "role=leader" */
    const char *refused; /* "commits fail" */
    /* Without an event, in any state but HEALTH_WAITING, where Redis' settings tell. */
    uint64_t (*patience_ms)(const void *owner, enum health_state state);
    uint64_t (*silent_ms_max)(const void *owner); /* running, without an answer */
};

struct health {
    const struct health_rules *rules;
    const struct redis_settings *redis;
    const void *owner;
    struct notify notify;
    struct watchdog watchdog;
    enum health_state state;
    bool told_ready;
    char reason[HEALTH_REASON_MAX];  /* HEALTH_WAITING: why */
    char refusal[HEALTH_REASON_MAX]; /* what is refused; empty: nothing */
    uint64_t moved_at_ms;            /* the last event of the present state */
    uint64_t answered_at_ms;         /* the last answer of Redis that we know of */
};

/* `owner` goes to the rules. */
void health_start(struct health *health, uv_loop_t *loop, const struct health_rules *rules,
                  const struct redis_settings *redis, const void *owner);

/* Connected, but another one decides; comes again and again. READY=1, the first time. */
void health_standby(struct health *health, const char *leader);

/* A session opened: READY=1, the first time. */
void health_opened(struct health *health);

/* All that was pending is read. */
void health_running(struct health *health);
void health_lost(struct health *health, const char *reason);

/* Redis refuses what the service lives on; and that it works again. */
void health_refused(struct health *health, const char *complaint);
void health_accepted(struct health *health);

/* The present state is getting on; and Redis had a part in it. */
void health_moved(struct health *health);
void health_answered(struct health *health);

/* STATUS=, with what is refused behind it. */
void health_status(const struct health *health, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "?" for a figure that is not known. */
const char *health_figure(double value, char room[static 32]);

/* The way down: STOPPING=1, and no feeding of the watchdog any more. */
void health_stop(struct health *health);

/* After the loop has run empty. */
void health_deinit(struct health *health);

/* Bodies for the HTTP server; return the status code. */
unsigned health_answer_alive(struct page *page);
unsigned health_answer_ready(const struct health *health, struct page *page);
