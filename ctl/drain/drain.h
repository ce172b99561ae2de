/* SPDX-License-Identifier: MIT */
/*
 * quantumctl drain: a backlog of trade intents passes filters. What its parts share: what was asked
 * for, and what that means for one run.
 */
#pragma once

#include "ctl/drain/decide/drain_filter.h"
#include "ctl/drain/drain_dead_letters.h"
#include "ctl/frame/command.h"

extern const struct ctl_command drain_command;

struct drain_values {
    int mode;
    double throttle, age_hours, age_min, min_confidence;
    struct names symbols;
    int64_t max_events, live_sec;
    char *stream, *group, *consumer, *audit, *forward, *run_id, *executor_config;
    bool over_limit, throttle_all, from_start, despite_live, histogram, verbose, json, summary;
};

struct drain_config {
    const struct invocation *invocation;
    const struct drain_values *values;
    const char *stream;
    const char *group;
    const char *audit;
    const char *forward; /* NULL: nowhere */
    const char *run_id;
    const struct drain_dead_letters *dead_letters;
    struct drain_filter filter;
    int64_t events_max;
    int64_t live_ms; /* a consumer that was active within this is live */
    bool is_live;
    bool is_resumed;      /* the run id was given: its own group is there already */
    bool may_lack_stream; /* and counts as empty then */
    bool may_lack_group;  /* and was given nothing then */
};

/* One run, from the first look to the report. A dry run goes the same way as a live one, but takes
 * and settles nothing, and does not wait. Returns the exit status. */
int drain_run(const struct drain_config *config);

/* --summary: the audit stream, counted by run and action. Returns the exit status. */
int drain_audit_summary(const struct invocation *invocation, const char *audit, bool is_json);
