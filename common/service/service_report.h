/* SPDX-License-Identifier: MIT */
/*
 * The log words that every service has: its connection, its group, its metrics port, its
 * configuration.
 *
 * What lies in common/ does not log, but for this: a word that operators grep for stands in one
 * place, no matter which service says it. An outage is told once, again when its reason changes,
 * five times at most, and then every minute, not with each try. Embedded in a service's report.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/log/log.h"
#include "common/options/complaints.h"

struct service_report {
    /* an outage of Redis */
    bool lost;
    uint64_t lost_at_ms;
    uint64_t lost_told_at_ms;
    uint64_t failures;
    unsigned lost_told; /* lines about this outage */
    char lost_reason[96];

    char refusal[128]; /* what is refused now; empty: nothing */
    struct log_limit claim;
};

void service_report_redis_lost(struct service_report *report, const char *reason,
                               uint64_t retry_ms);
void service_report_redis_back(struct service_report *report);

/* Redis refuses what the service lives on: told when the reason changes. `event` is the word. */
void service_report_refused(struct service_report *report, const char *event, const char *complaint,
                            const char *consequence);

/* Whether something was refused, that is not any more. */
bool service_report_accepted(struct service_report *report);

/* Redis does not let us claim strays; all else goes on. */
void service_report_claim_refused(struct service_report *report, const char *complaint);

/* An entry's id, or the time that it says, is so far ahead of Redis' clock that its age cannot be
 * told. `remedy`: what to do where the clock was set back and nobody can wait until it is there. */
void service_report_skew(struct stream_id id, int64_t ahead_ms, uint64_t suppressed,
                         const char *remedy);

void service_report_group_recreated(const char *stream, const char *group);

/* Pending entries that are no longer in the stream, as the service calls it. */
void service_report_trimmed(size_t count, const char *stream);
void service_report_unread_trimmed(uint64_t count, const char *stream);

/* The router may publish more intents a minute than the executor takes. */
void service_report_pace_above(double router, double executor);

/* A certificate of the connection to Redis ends soon, ours or the server's. */
void service_report_certificate_ends(bool is_ours, int64_t end_ms, int64_t left_ms);

/* The HTTP server has its address; or cannot have it, and tries again every so often. */
void service_report_metrics_listening(const char *address);
void service_report_metrics_failed(const char *address, const char *reason, unsigned retry_sec);

/* CONFIG_WARNING for each; empties the list. */
void service_report_config_warnings(struct complaints *warnings);
