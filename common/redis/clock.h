/* SPDX-License-Identifier: MIT */
/*
 * Redis' clock, carried forward by our monotonic one between the moments at which Redis told its
 * time. An answer is older than the moment it was given, so this clock is late by the time of a
 * reply and never early; a decision takes the exact time from its snapshot. Embedded in a service.
 */
#pragma once

#include <stdint.h>

#include "common/base/monotonic.h"

struct redis_clock {
    int64_t told_ms;
    uint64_t told_at_ms; /* monotonic */
};

void redis_clock_set(struct redis_clock *clock, int64_t told_ms);
int64_t redis_clock_now(const struct redis_clock *clock);
