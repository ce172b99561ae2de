/* SPDX-License-Identifier: MIT */
/*
 * One run of the demo: its phases, from a Redis that starts to one that is gone.
 *
 * The stage is open when demo_play() begins and is closed by the caller, whatever the result. Who
 * stops the play is behind `show.stop`: the first time it ends with its summary, the second time at
 * once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/command.h"
#include "ctl/demo/demo_show.h"
#include "ctl/demo/demo_stage.h"
#include "ctl/demo/demo_tally.h"
#include "ctl/demo/demo_trades.h"
#include "ctl/feeder.h"
#include "ctl/pace.h"

struct demo_values {
    double seconds, rate;
    int64_t seed;
    bool keep;
};

enum demo_phase {
    PHASE_REDIS,
    PHASE_ROUTER,
    PHASE_WALK,
    PHASE_SETTLE, /* nothing is fed any more, until all of it was read */
    PHASE_KEEP,
    PHASE_STOP_ROUTER,
    PHASE_STOP_EXECUTOR,
    PHASE_STOP_REDIS,
    PHASE_OVER,
};

struct demo {
    const struct ctl_command *command;
    const struct demo_values *values;
    struct demo_stage stage;
    struct demo_show show;
    struct demo_tally tally;
    struct demo_trades trades;
    struct feeder feeder;
    bool has_feeder;
    struct pace pace;
    enum demo_phase phase;
    uint64_t start_ns;    /* of the walk */
    uint64_t deadline_ns; /* of this phase */
    size_t step;          /* the next one */
    double window_seconds;
    bool executor_told; /* to stop */
    bool is_wrong;      /* the summary found a contradiction */
};

/* Negative: it went wrong and was said. */
int demo_play(struct demo *demo) __attribute__((warn_unused_result));

/* Says on stderr what went wrong on the stage. Returns a negative number. */
int demo_fail_stage(struct demo *demo);
