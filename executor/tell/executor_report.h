/* SPDX-License-Identifier: MIT */
/*
 * The executor's log words: every line that operators grep for is written here and nowhere else,
 * but for those that every service has.
 *
 * It remembers what it said last, so that a hold is told when it begins and ends, and a flood gets
 * a few lines and a number. Embedded in the executor.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/log/log.h"
#include "common/service/service_report.h"
#include "executor/act/hold.h"
#include "executor/act/sight.h"
#include "executor/decide/breaker.h"
#include "executor/decide/outcome.h"
#include "executor/decide/result.h"
#include "executor/settings/executor_settings.h"

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
};

void executor_report_start(const struct executor_settings *settings, const char *config_path);
void executor_report_stopped(void);

/* An intent came to its end; a stale one has none (stale_report.h). */
void executor_report_ending(struct executor_report *report, const struct ending *ending);

/* Another executor settled it meanwhile. */
void executor_report_elsewhere(struct executor_report *report, const struct order *order);

/* A position closed by itself. */
void executor_report_closed(const struct position *position, const struct result *result,
                            int64_t left);

/* Something is wrong with its symbol, or with its own keys: it is tried again after the pause. */
void executor_report_faulty(struct executor_report *report, const struct order *order,
                            const char *why, uint64_t pause_ms);

/* What holds now. */
void executor_report_hold(struct executor_report *report, const struct hold_seen *seen);

/* What waits because Redis may lack what was settled last: once for each server, and its end. */
void executor_report_sight(struct executor_report *report, const struct sight *sight);

void executor_report_breaker(const struct breaker *breaker, const struct breaker_rules *rules);

/* The count of open orders was missing, and was made. */
void executor_report_capacity_init(const char *key, int64_t open);
void executor_report_consumer_removed(const char *name, size_t length);
void executor_report_refused(struct executor_report *report, const char *complaint);
void executor_report_accepted(struct executor_report *report);

/* An adapter has answered an order; and an answer that fits none. */
void executor_report_answer(const struct result *result, int64_t positions);
void executor_report_answer_ignored(const char *order_id, const char *status, const char *why);
