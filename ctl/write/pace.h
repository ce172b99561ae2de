/* SPDX-License-Identifier: MIT */
/*
 * An even pace: how many are due now, and when to look again.
 *
 * After a stall it catches up, but never at more than twice the rate. Time is the caller's, in
 * nanoseconds of a monotonic clock. Pure.
 */
#pragma once

#include <stdint.h>

struct pace {
    double rate; /* per second */
    uint64_t total;
    uint64_t start_ns;
    uint64_t tick_ns;      /* between two looks */
    uint64_t per_tick_max; /* twice what is due in one */
    uint64_t given;
    uint64_t next_ns; /* when to look again */
};

void pace_init(struct pace *pace, double rate, uint64_t total, uint64_t now_ns);

/* How many to send now, which then count as given; moves next_ns on. */
uint64_t pace_take(struct pace *pace, uint64_t now_ns);
