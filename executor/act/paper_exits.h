/* SPDX-License-Identifier: MIT */
/*
 * Exits of positions on paper: looks at the positions every so often, and closes those whose time
 * is over or whose stop or target the last price has reached, each with one script. Positions live
 * in Redis, and a restart goes on with them. Their time is Redis' clock. When that is set back, a
 * position closes all the same, as long after it was first seen as it may be open. Embedded in the
 * executor.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "executor/act/office.h"
#include "executor/decide/result.h"

/* Until when a position may be open at the latest. */
struct paper_exit_due {
    char intent_id[STREAM_ID_TEXT_MAX];
    uint64_t ms; /* monotonic */
};

struct paper_exits {
    struct office *office;
    uv_timer_t timer;
    struct position *positions;  /* that were read, and wait for their prices */
    struct paper_exit_due *dues; /* of these, in their order */
    size_t count;
    struct paper_exit_due *last; /* of those that were read the last time */
    size_t last_count;
    bool asking;
    bool is_refused;
};

void paper_exits_init(struct paper_exits *exits, uv_loop_t *loop, struct office *office);
void paper_exits_start(struct paper_exits *exits);
void paper_exits_stop(struct paper_exits *exits);
void paper_exits_close(struct paper_exits *exits);

/* After the loop has run empty. */
void paper_exits_deinit(struct paper_exits *exits);
