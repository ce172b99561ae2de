/* SPDX-License-Identifier: MIT */
/*
 * quantumctl groups: what its parts share. Each part returns the exit status and writes only in
 * live mode.
 */
#pragma once

#include "ctl/frame/ask.h"
#include "ctl/frame/command.h"
#include "ctl/look/stream_look.h"

extern const struct ctl_command groups_command;
extern const char groups_move_lua[], groups_prune_lua[];

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

int groups_prune(const struct groups *groups, const struct names *streams);
int groups_move(const struct groups *groups, bool to_end);

/* Where to, "ID", "MS" or an ISO time; `ret_behind` is the last id before it. */
bool groups_move_read(const char *text, struct stream_id *ret_behind);
