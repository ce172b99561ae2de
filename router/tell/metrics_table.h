/* SPDX-License-Identifier: MIT */
/*
 * The rows of the router's metrics: names, kinds, help, labels. Dashboards and alerts know them by
 * these names. Constant.
 */
#pragma once

#include "common/service/counters.h"

enum metric {
    METRIC_BUILD_INFO,
    METRIC_SIGNALS,
    METRIC_INVALID,
    METRIC_PUBLISHED,
    METRIC_CYCLES,
    METRIC_UNDECIDED,
    METRIC_LATENESS,
    METRIC_BATCH,
    METRIC_COMMITS,
    METRIC_COMMIT_SECONDS,
    METRIC_CAPACITY_STATE,
    METRIC_OPEN_ORDERS,
    METRIC_MAX_OPEN,
    METRIC_TARGET_OPEN,
    METRIC_PUBLISHED_SINCE,
    METRIC_SUSPECT,
    METRIC_DAILY_LIMIT,
    METRIC_ROLLED_BACK,
    METRIC_HELD,
    METRIC_BEHIND,
    METRIC_SAFE_MODE,
    METRIC_LEADER,
    METRIC_WINDOW,
    METRIC_PAUSED,
    METRIC_LAG,
    METRIC_PENDING,
    METRIC_OLDEST,
    METRIC_ENTRIES_LOST,
    METRIC_GROUPS_RECREATED,
    METRIC_REDIS_UP,
    METRIC_REDIS_CONNECTS,
    METRIC_REDIS_FAILURES,
    METRIC_LAST_CYCLE,
    METRIC_LAST_PUBLISH,
    METRIC_RELOAD_SUCCESSFUL,
    METRIC_RELOAD_TIME,
    METRIC_LOG_DROPPED,
    METRIC_COUNT,
};

/* Labels of METRIC_CYCLES: the capacity states, and this one, which overrules them. */
enum { CYCLE_STATE_SAFE_MODE = 5, CYCLE_STATES };

/* Labels of METRIC_UNDECIDED. */
enum undecided { UNDECIDED_LATE, UNDECIDED_MOVED, UNDECIDED_REFUSED, UNDECIDED_FENCED };

extern const struct counter_table metrics_table;
