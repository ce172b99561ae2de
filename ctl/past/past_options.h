/* SPDX-License-Identifier: MIT */
/*
 * The options of commands that tell of what was: where from, and what it would have cost.
 */
#pragma once

#include "ctl/frame/command.h"
#include "executor/settings/executor_settings.h"

#define ARCHIVE_ROW(at)                                                                            \
    {                                                                                              \
        .key = "archive", .type = OPTION_TEXT, .offset = (at), .fallback = "", .takes = "DIR",     \
        .help = "a folder of quantumctl archive, read in Redis' place: prices are there alone"     \
    }

#define COST_ROW(at)                                                                               \
    {                                                                                              \
        .key = "cost-bps", .type = OPTION_REAL, .offset = (at), .min = -1, .max = 10000,           \
        .fallback = "-1",                                                                          \
        .help = "what opening and closing cost together in estimates, in ten-thousandths; -1: "    \
                "twice the executor's paper.fee_pct and paper.slippage_bps"                        \
    }

/* As it was asked for, or the executor's. */
static inline double cost_bps_of(double asked, const struct executor_settings *executor)
{
    return asked >= 0 ? asked : position_cost_bps(&executor->venue.fill);
}
