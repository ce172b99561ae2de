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

#include "common/base/log.h"
#include "common/service/words.h"
#include "executor/breaker.h"
#include "executor/ending.h"
#include "executor/executor_settings.h"
#include "executor/result.h"

/* Why it holds; SAFE_MODE over the others. */
enum hold { HOLD_NONE, HOLD_SAFE_MODE, HOLD_UNKNOWN, HOLD_UNPARSEABLE };

struct journal {
    const struct executor_settings *settings;
    struct words words; /* those that every service has */
    enum hold hold;
    uint64_t hold_told_ms;
    uint64_t hold_since_ms;
    struct log_limit outcomes[OUTCOME_COUNT];
    struct log_limit locks;
    uint64_t stale_total;
};

void journal_start(const struct executor_settings *settings, const char *config_path);
void journal_stopped(void);

/* An intent came to its end; a stale one, which has none. */
void journal_ending(struct journal *journal, const struct ending *ending);
void journal_stale(struct journal *journal, const struct order *order, int64_t now_ms,
                   int64_t max_age_ms);

/* Another executor settled it meanwhile. */
void journal_elsewhere(struct journal *journal, const struct order *order);

/* A position closed by itself. */
void journal_closed(const struct position *position, const struct result *result, int64_t left);

/* What holds now; `value` is the key's, as far as it was looked at. */
void journal_hold(struct journal *journal, enum hold hold, const char *value, size_t length,
                  int64_t ttl_sec);

void journal_breaker(const struct breaker *breaker, const struct breaker_rules *rules);

/* The count of open orders was missing, and was made. */
void journal_capacity_init(const char *key, int64_t open);
void journal_consumer_removed(const char *name, size_t length);
void journal_refused(struct journal *journal, const char *complaint);
void journal_accepted(struct journal *journal);

/* An adapter has answered an order; and an answer that fits none. */
void journal_answer(const struct result *result, int64_t positions);
void journal_answer_ignored(const char *order_id, const char *status, const char *why);
