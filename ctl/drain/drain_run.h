/* SPDX-License-Identifier: MIT */
/*
 * One run of a drain, from the first look to the report. A dry run goes the same way as a live one,
 * but looks where that one takes, counts where it settles, and does not wait.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_dead_letters.h"
#include "ctl/frame/command.h"

struct drain_config {
    const struct ctl_command *command;
    const struct router_settings *settings;
    const char *stream;
    const char *group;
    const char *consumer;
    const char *audit;
    const struct drain_dead_letters *dead_letters;
    const char *forward; /* NULL: nowhere */
    const char *run_id;
    struct drain_filter filter;
    double throttle;
    int64_t events_max;
    int64_t live_sec;
    bool is_live;
    bool is_from_start;
    bool may_lack_stream; /* as the place's */
    bool may_lack_group;
    bool is_resumed; /* the run id was given: its own group is there already */
    bool paces_all;
    bool despite_live;
    bool is_verbose;
    bool is_json;
    bool draws_histogram;
};

/* Returns the exit status. */
int drain_run(const struct drain_config *config);
