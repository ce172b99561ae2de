/* SPDX-License-Identifier: MIT */
#include "router/tell/metrics_table.h"

#include <assert.h>

#include "common/base/version.h"
#include "common/trade/rule.h"
#include "router/act/commit.h"
#include "router/decide/fate.h"
#include "router/decide/policy.h"

#define ONE_OF(name, names, function)                                                              \
    .label = (name), .labels = sizeof(names) / sizeof *(names), .label_name = (function)

static const char *const states[] = {
    [CAPACITY_UNKNOWN] = "unknown", [CAPACITY_UNPARSEABLE] = "unparseable",
    [CAPACITY_FULL] = "full",       [CAPACITY_TARGET] = "target_reached",
    [CAPACITY_OK] = "ok",           [CYCLE_STATE_SAFE_MODE] = "safe_mode",
};

static_assert((int)CYCLE_STATE_SAFE_MODE == (int)CAPACITY_OK + 1, "it follows the capacity states");

static const char *const reasons[] = {
    [UNDECIDED_LATE] = "late",
    [UNDECIDED_MOVED] = "moved",
    [UNDECIDED_REFUSED] = "refused",
    [UNDECIDED_FENCED] = "fenced",
};

static const char *const results[] = {
    [COMMIT_DONE] = "done",       [COMMIT_MOVED] = "moved",     [COMMIT_FENCED] = "fenced",
    [COMMIT_REFUSED] = "refused", [COMMIT_UNKNOWN] = "unknown",
};

static const char *version_label(size_t index)
{
    (void)index;
    return quantum_version;
}

static const char *outcome_label(size_t index)
{
    return fate_name((enum fate)index);
}

/* RULE_NONE is no reason. */
static const char *rule_label(size_t index)
{
    return rule_name((enum rule)(index + 1));
}

static const char *state_label(size_t index)
{
    return states[index];
}

static const char *reason_label(size_t index)
{
    return reasons[index];
}

static const char *result_label(size_t index)
{
    return results[index];
}

static const double lateness_bounds[] = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
static const double commit_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,   0.25,   0.5,   1};
static const double batch_bounds[] = {0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 4000};

#define BOUNDS(list) .bounds = (list), .bound_count = sizeof(list) / sizeof *(list)

static const struct counter_row rows[METRIC_COUNT] = {
    [METRIC_BUILD_INFO] = {.name = "build_info",
                           .kind = GAUGE,
                           .help = "The version that runs; always 1.",
                           .label = "version",
                           .labels = 1,
                           .label_name = version_label},
    [METRIC_SIGNALS] = {.name = "signals_total",
                        .kind = COUNTER,
                        .help = "Signals by what became of them, as CYCLE lines count them.",
                        .label = "outcome",
                        .labels = FATE_COUNT,
                        .label_name = outcome_label},
    [METRIC_INVALID] = {.name = "signals_invalid_total",
                        .kind = COUNTER,
                        .help =
                            "Signals that were dropped for breaking a rule, when they were read.",
                        .label = "reason",
                        .labels = RULE_SIGNAL_COUNT - 1,
                        .label_name = rule_label},
    [METRIC_PUBLISHED] = {.name = "intents_published_total",
                          .kind = COUNTER,
                          .help = "Trade intents that were published."},
    [METRIC_CYCLES] = {.name = "cycles_total",
                       .kind = COUNTER,
                       .help = "Cycles that were decided, by the state they found.",
                       ONE_OF("state", states, state_label)},
    [METRIC_UNDECIDED] = {.name = "cycles_undecided_total",
                          .kind = COUNTER,
                          .help =
                              "Cycles that decided nothing and kept their batch, by the reason.",
                          ONE_OF("reason", reasons, reason_label)},
    [METRIC_LATENESS] = {.name = "cycle_lateness_seconds",
                         .kind = HISTOGRAM,
                         .help = "How late the end of a window was noticed.",
                         BOUNDS(lateness_bounds)},
    [METRIC_BATCH] = {.name = "cycle_candidates",
                      .kind = HISTOGRAM,
                      .help = "Candidates that a decided cycle chose from.",
                      BOUNDS(batch_bounds)},
    [METRIC_COMMITS] = {.name = "commits_total",
                        .kind = COUNTER,
                        .help = "Commits by their result; unknown: the connection went first.",
                        ONE_OF("result", results, result_label)},
    [METRIC_COMMIT_SECONDS] = {.name = "commit_seconds",
                               .kind = HISTOGRAM,
                               .help = "Time from sending a commit to its answer.",
                               BOUNDS(commit_bounds)},
    [METRIC_CAPACITY_STATE] = {.name = "capacity_state",
                               .kind = GAUGE,
                               .help = "1 for the capacity state that the last cycle found.",
                               .label = "state",
                               .labels = CAPACITY_OK + 1,
                               .label_name = state_label},
    [METRIC_OPEN_ORDERS] = {.name = "open_orders",
                            .kind = GAUGE,
                            .help = "Open orders as the last cycle read them."},
    [METRIC_MAX_OPEN] = {.name = "max_open_orders",
                         .kind = GAUGE,
                         .help = "The hard cap on open orders."},
    [METRIC_TARGET_OPEN] = {.name = "target_open_orders",
                            .kind = GAUGE,
                            .help = "The open orders that are aimed at."},
    [METRIC_PUBLISHED_SINCE] = {.name = "published_since_capacity_change",
                                .kind = GAUGE,
                                .help = "Intents published since the capacity value last changed."},
    [METRIC_SUSPECT] = {.name = "capacity_suspect",
                        .kind = GAUGE,
                        .help = "Whether the capacity value looks as if nobody kept it."},
    [METRIC_DAILY_LIMIT] = {.name = "daily_limit",
                            .kind = GAUGE,
                            .help = "Whether the day's limit leaves fewer than there is room for."},
    [METRIC_ROLLED_BACK] = {.name = "state_rolled_back",
                            .kind = GAUGE,
                            .help =
                                "Whether Redis came back with an older state, not resumed yet."},
    [METRIC_HELD] = {.name = "state_unsure_held",
                     .kind = GAUGE,
                     .help = "Candidates held back because Redis may lack what was written last."},
    [METRIC_BEHIND] = {.name = "timestamp_behind_seconds",
                       .kind = GAUGE,
                       .help =
                           "How far behind their ids the own timestamps lay for which alone all "
                           "signals of the last minute were stale; 0: they were not."},
    [METRIC_SAFE_MODE] = {.name = "safe_mode",
                          .kind = GAUGE,
                          .help = "Whether safe mode keeps the router from publishing."},
    [METRIC_LEADER] = {.name = "leader",
                       .kind = GAUGE,
                       .help = "Whether this router is the one that decides."},
    [METRIC_WINDOW] = {.name = "window_candidates",
                       .kind = GAUGE,
                       .help = "Candidates that wait for a decision now."},
    [METRIC_PAUSED] = {.name = "reading_paused",
                       .kind = GAUGE,
                       .help = "Whether reading pauses because commits or ACKs are refused."},
    [METRIC_LAG] = {.name = "stream_group_lag",
                    .kind = GAUGE,
                    .help = "Entries that the group has not been given yet."},
    [METRIC_PENDING] = {.name = "stream_group_messages_pending",
                        .kind = GAUGE,
                        .help = "Entries that were given and are not acknowledged yet."},
    [METRIC_OLDEST] = {.name = "stream_group_oldest_pending_age_seconds",
                       .kind = GAUGE,
                       .help = "Age of the oldest pending entry, by its id."},
    [METRIC_ENTRIES_LOST] =
        {.name = "entries_lost_total",
         .kind = COUNTER,
         .help = "Entries trimmed or deleted while they were pending, or before they were read."},
    [METRIC_GROUPS_RECREATED] = {.name = "groups_recreated_total",
                                 .kind = COUNTER,
                                 .help = "Times that the group was gone and was made anew."},
    [METRIC_REDIS_UP] = {.name = "redis_up",
                         .kind = GAUGE,
                         .help = "Whether Redis answers and the router has a session with it."},
    [METRIC_REDIS_CONNECTS] = {.name = "redis_connects_total",
                               .kind = COUNTER,
                               .help = "Sessions with Redis that were opened."},
    [METRIC_REDIS_FAILURES] = {.name = "redis_failures_total",
                               .kind = COUNTER,
                               .help = "Sessions that were lost, and tries that failed."},
    [METRIC_LAST_CYCLE] = {.name = "last_cycle_timestamp_seconds",
                           .kind = GAUGE,
                           .help = "When a cycle was last decided, by Redis' clock."},
    [METRIC_LAST_PUBLISH] = {.name = "last_publish_timestamp_seconds",
                             .kind = GAUGE,
                             .help = "When an intent was last published, by Redis' clock."},
    [METRIC_RELOAD_SUCCESSFUL] = {.name = "config_last_reload_successful",
                                  .kind = GAUGE,
                                  .help = "Whether the configuration was good when last read."},
    [METRIC_RELOAD_TIME] = {.name = "config_last_reload_success_timestamp_seconds",
                            .kind = GAUGE,
                            .help = "When a good configuration was last read."},
    [METRIC_LOG_DROPPED] = {.name = "log_lines_dropped_total",
                            .kind = COUNTER,
                            .help = "Log lines that could not be written."},
};

const struct counter_table metrics_table = {"quantum_router_", rows, METRIC_COUNT};
