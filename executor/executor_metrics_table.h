/* SPDX-License-Identifier: MIT */
/*
 * The rows of the executor's metrics: names, kinds, help, labels. Dashboards and alerts know them
 * by these names. Constant.
 */
#pragma once

#include "common/service/counters.h"

enum figure {
    FIGURE_BUILD_INFO,
    FIGURE_INTENTS,
    FIGURE_INVALID,
    FIGURE_EXECUTED,
    FIGURE_HANDLING_SECONDS,
    FIGURE_AGE_SECONDS,
    FIGURE_POSITIONS_CLOSED,
    FIGURE_POSITIONS,
    FIGURE_OPEN_ORDERS,
    FIGURE_MAX_OPEN,
    FIGURE_SAFE_MODE,
    FIGURE_HOLD,
    FIGURE_SAFE_DRAIN,
    FIGURE_BREAKER,
    FIGURE_BREAKER_OPENED,
    FIGURE_IN_HAND,
    FIGURE_REFUSED,
    FIGURE_LAG,
    FIGURE_PENDING,
    FIGURE_OLDEST,
    FIGURE_ENTRIES_LOST,
    FIGURE_GROUPS_RECREATED,
    FIGURE_REDIS_UP,
    FIGURE_REDIS_CONNECTS,
    FIGURE_REDIS_FAILURES,
    FIGURE_LAST_EXECUTION,
    FIGURE_RELOAD_SUCCESSFUL,
    FIGURE_RELOAD_TIME,
    FIGURE_LOG_DROPPED,
    FIGURE_COUNT,
};

extern const struct counter_table figures_table;
