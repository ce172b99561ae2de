/* SPDX-License-Identifier: MIT */
/* What the router tells of its Redis: settings that do not suit, and entries that are gone. */
#include <string.h>

#include "router/tell/report.h"

void report_eviction(const char *policy)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "REDIS_UNSUITABLE");
    log_pair(&line, "maxmemory-policy", "%s", policy);
    log_text(&line, " → marks and state may vanish when memory runs short; set noeviction");
    log_send(&line);
}

void report_no_append_only_file(void)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "REDIS_UNSUITABLE");
    log_pair(&line, "appendonly", "no");
    log_text(&line, " → after a crash Redis comes back with an older state; set appendonly yes");
    log_send(&line);
}

void report_no_minimum_of_replicas(const char *connected)
{
    struct log_line line;

    log_open(&line, LEVEL_WARN, "🟠", "REDIS_UNSUITABLE");
    log_pair(&line, "min-replicas-to-write", "0");
    log_pair_foreign(&line, "replicas", connected, strlen(connected), 16);
    log_text(&line,
             " → cut off from them, this master goes on, and what it takes is wiped later; see "
             "quantum-ha.conf");
    log_send(&line);
}
