/* SPDX-License-Identifier: MIT */
/*
 * What quantumctl status is asked for: its own options, and what speaks against them. Values live
 * as long as the invocation.
 */
#pragma once

#include "ctl/command.h"

struct status_values {
    bool once;
    bool json;
    double watch_sec; /* 0: not asked for */
    char *save;
    double sample_sec;
    int64_t lag_max;
    int64_t pending_max;
    char *age_max;
    char *executor_config;
    char *intents_after;
};

enum { STATUS_ROWS = 10 };

extern const struct option_row status_rows[];

/* For struct ctl_command. */
void status_check(const struct options *options, const struct names *words,
                  struct complaints *complaints);
