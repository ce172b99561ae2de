/* SPDX-License-Identifier: MIT */
/*
 * quantumctl groups: what its parts share. Each part is a function over one connection, returns the
 * exit status, and writes only in live mode.
 */
#pragma once

#include "ctl/ask.h"
#include "ctl/live_mode.h"
#include "ctl/stream_look.h"

/* A consumer that was seen within so many ms is alive. */
enum { GROUPS_ALIVE_MS = 30000 };

struct groups_values {
    int mode; /* enum live_mode */
    char *idle;
    char *to;
    bool json;
};

struct groups {
    struct ask ask;
    const struct router_settings *settings;
    const struct groups_values *values;
    const struct names *words; /* what to do comes first */
};

/* With its consumers; negative: that did not come off, which was told. */
int groups_look(const struct groups *groups, const char *stream, struct stream_look *ret_look)
    __attribute__((warn_unused_result));

/* "ID", "MS", an ISO time; `ret_behind` is the last id before it. */
bool groups_read_position(const char *text, struct stream_id *ret_behind);

int groups_list(const struct groups *groups, const struct names *streams);
int groups_prune(const struct groups *groups, const struct names *streams);
int groups_move(const struct groups *groups, bool to_end);
