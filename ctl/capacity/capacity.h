/* SPDX-License-Identifier: MIT */
/*
 * quantumctl capacity: the count of open orders, shown, set, and kept after a neighbour's hashes.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command capacity_command;

/*
 * quantumctl capacity follow: keeps the count of open orders and the hash of what is held after a
 * neighbour's hashes, until a signal ends it. Everything that it writes is one script, so that it
 * may end at any moment; and what it wrote ends by itself some time after it.
 */

extern const char capacity_follow_lua[];

struct follow_values {
    char *from;
    struct names amounts;
    char *side;
    char *at;
    int64_t stale_sec;
    double interval_sec;
    bool none_is_zero;
};

void follow_check(const struct follow_values *values, struct complaints *complaints);

/* Returns the exit status. */
int follow_run(const struct ctl_command *command, const struct router_settings *settings,
               const struct follow_values *values);
