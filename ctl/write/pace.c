/* SPDX-License-Identifier: MIT */
#include "ctl/write/pace.h"

#include <math.h>

#define SECOND_NS   1e9
#define TICK_NS_MIN 2e6 /* a socket is not written to more often than this */

void pace_init(struct pace *pace, double rate, uint64_t total, uint64_t now_ns)
{
    double tick_ns = fmax(SECOND_NS / rate, TICK_NS_MIN);

    *pace = (struct pace){
        .rate = rate,
        .total = total,
        .start_ns = now_ns,
        .tick_ns = (uint64_t)tick_ns,
        .per_tick_max = (uint64_t)ceil(2 * rate * tick_ns / SECOND_NS),
        .next_ns = now_ns,
    };
}

/* The first at once, the last one interval before the end. */
static uint64_t due(const struct pace *pace, uint64_t now_ns)
{
    double elapsed = (double)(now_ns - pace->start_ns) / SECOND_NS;
    double count = floor(elapsed * pace->rate) + 1;

    return count < (double)pace->total ? (uint64_t)count : pace->total;
}

uint64_t pace_take(struct pace *pace, uint64_t now_ns)
{
    if (now_ns < pace->next_ns)
        return 0;
    uint64_t owed = due(pace, now_ns) - pace->given;
    uint64_t taken = owed < pace->per_tick_max ? owed : pace->per_tick_max;

    pace->given += taken;
    pace->next_ns += pace->tick_ns;
    if (pace->next_ns <= now_ns)
        pace->next_ns = now_ns + pace->tick_ns;
    return taken;
}
