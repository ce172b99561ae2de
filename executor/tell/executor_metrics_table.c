/* SPDX-License-Identifier: MIT */
#include "executor/tell/executor_metrics_table.h"

#include "common/base/version.h"
#include "common/trade/rule.h"
#include "executor/decide/breaker.h"
#include "executor/decide/outcome.h"

#define BOUNDS(list) .bounds = (list), .bound_count = sizeof(list) / sizeof *(list)

static const char *version_label(size_t index)
{
    (void)index;
    return quantum_version;
}

static const char *outcome_label(size_t index)
{
    return outcome_name((enum outcome)index);
}

/* RULE_NONE is no reason. */
static const char *rule_label(size_t index)
{
    return rule_name((enum rule)(index + 1));
}

static const char *breaker_label(size_t index)
{
    static const char *const names[] = {"closed", "open", "half_open"};

    return names[index];
}

static const double handling_bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                         0.1,   0.25,   0.5,   1,    2.5,   10};
static const double age_bounds[] = {0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600};

static const struct counter_row rows[EXECUTOR_METRIC_COUNT] = {
    [EXECUTOR_METRIC_BUILD_INFO] = {.name = "build_info",
                                    .kind = GAUGE,
                                    .help = "The version that runs; always 1.",
                                    .label = "version",
                                    .labels = 1,
                                    .label_name = version_label},
    [EXECUTOR_METRIC_INTENTS] = {.name = "intents_total",
                                 .kind = COUNTER,
                                 .help = "Intents by what became of them.",
                                 .label = "outcome",
                                 .labels = OUTCOME_COUNT,
                                 .label_name = outcome_label},
    [EXECUTOR_METRIC_INVALID] = {.name = "intents_invalid_total",
                                 .kind = COUNTER,
                                 .help = "Intents that broke a rule, by the rule.",
                                 .label = "reason",
                                 .labels = RULE_COUNT - 1,
                                 .label_name = rule_label},
    [EXECUTOR_METRIC_EXECUTED] = {.name = "executions_total",
                                  .kind = COUNTER,
                                  .help = "Intents that the venue executed: filled or closed."},
    [EXECUTOR_METRIC_HANDLING_SECONDS] = {.name = "handling_seconds",
                                          .kind = HISTOGRAM,
                                          .help =
                                              "Time from reading an intent to its confirmed end.",
                                          BOUNDS(handling_bounds)},
    [EXECUTOR_METRIC_AGE_SECONDS] = {.name = "intent_age_seconds",
                                     .kind = HISTOGRAM,
                                     .help = "Age of an intent at its end, by its own timestamp.",
                                     BOUNDS(age_bounds)},
    [EXECUTOR_METRIC_POSITIONS_CLOSED] = {.name = "positions_closed_total",
                                          .kind = COUNTER,
                                          .help = "Positions on paper that closed by themselves."},
    [EXECUTOR_METRIC_POSITIONS] = {.name = "positions",
                                   .kind = GAUGE,
                                   .help = "Positions that exist."},
    [EXECUTOR_METRIC_OPEN_ORDERS] = {.name = "open_orders",
                                     .kind = GAUGE,
                                     .help = "Open orders as the key says."},
    [EXECUTOR_METRIC_MAX_OPEN] = {.name = "max_open_orders",
                                  .kind = GAUGE,
                                  .help = "The hard cap on open orders."},
    [EXECUTOR_METRIC_SAFE_MODE] = {.name = "safe_mode",
                                   .kind = GAUGE,
                                   .help = "Whether safe mode keeps the executor from opening."},
    [EXECUTOR_METRIC_HOLD] = {.name = "hold",
                              .kind = GAUGE,
                              .help = "Whether it holds: safe mode, or open orders are not known."},
    [EXECUTOR_METRIC_SAFE_DRAIN] = {.name = "safe_drain",
                                    .kind = GAUGE,
                                    .help = "Whether nothing is executed at all."},
    [EXECUTOR_METRIC_BREAKER] = {.name = "breaker_state",
                                 .kind = GAUGE,
                                 .help = "1 for the state of the breaker around the venue.",
                                 .label = "state",
                                 .labels = BREAKER_HALF_OPEN + 1,
                                 .label_name = breaker_label},
    [EXECUTOR_METRIC_BREAKER_OPENED] = {.name = "breaker_opened_total",
                                        .kind = COUNTER,
                                        .help = "Times that the breaker opened."},
    [EXECUTOR_METRIC_IN_HAND] = {.name = "intents_in_hand",
                                 .kind = GAUGE,
                                 .help = "Intents that were read and are not settled."},
    [EXECUTOR_METRIC_REFUSED] = {.name = "refused",
                                 .kind = GAUGE,
                                 .help = "Whether Redis refuses what settles an intent."},
    [EXECUTOR_METRIC_LAG] = {.name = "stream_group_lag",
                             .kind = GAUGE,
                             .help = "Entries that the group has not been given yet."},
    [EXECUTOR_METRIC_PENDING] = {.name = "stream_group_messages_pending",
                                 .kind = GAUGE,
                                 .help = "Entries that were given and are not acknowledged yet."},
    [EXECUTOR_METRIC_OLDEST] = {.name = "stream_group_oldest_pending_age_seconds",
                                .kind = GAUGE,
                                .help = "Age of the oldest pending entry, by its id."},
    [EXECUTOR_METRIC_ENTRIES_LOST] =
        {.name = "entries_lost_total",
         .kind = COUNTER,
         .help = "Entries trimmed or deleted while they were pending, or before they were read."},
    [EXECUTOR_METRIC_GROUPS_RECREATED] = {.name = "groups_recreated_total",
                                          .kind = COUNTER,
                                          .help =
                                              "Times that the group was gone and was made anew."},
    [EXECUTOR_METRIC_REDIS_UP] =
        {.name = "redis_up",
         .kind = GAUGE,
         .help = "Whether Redis answers and the executor has a session with it."},
    [EXECUTOR_METRIC_REDIS_CONNECTS] = {.name = "redis_connects_total",
                                        .kind = COUNTER,
                                        .help = "Sessions with Redis that were opened."},
    [EXECUTOR_METRIC_REDIS_FAILURES] = {.name = "redis_failures_total",
                                        .kind = COUNTER,
                                        .help = "Sessions that were lost, and tries that failed."},
    [EXECUTOR_METRIC_LAST_EXECUTION] = {.name = "last_execution_timestamp_seconds",
                                        .kind = GAUGE,
                                        .help =
                                            "When an intent was last executed, by Redis' clock."},
    [EXECUTOR_METRIC_RELOAD_SUCCESSFUL] =
        {.name = "config_last_reload_successful",
         .kind = GAUGE,
         .help = "Whether the configuration was good when last read."},
    [EXECUTOR_METRIC_RELOAD_TIME] = {.name = "config_last_reload_success_timestamp_seconds",
                                     .kind = GAUGE,
                                     .help = "When a good configuration was last read."},
    [EXECUTOR_METRIC_LOG_DROPPED] = {.name = "log_lines_dropped_total",
                                     .kind = COUNTER,
                                     .help = "Log lines that could not be written."},
};

const struct counter_table executor_metrics_table = {"quantum_executor_", rows,
                                                     EXECUTOR_METRIC_COUNT};
