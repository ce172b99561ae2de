/* SPDX-License-Identifier: MIT */
#include "common/redis/clock.h"

void redis_clock_set(struct redis_clock *clock, int64_t told_ms)
{
    clock->told_ms = told_ms;
    clock->told_at_ms = monotonic_ms();
}

int64_t redis_clock_now(const struct redis_clock *clock)
{
    return clock->told_ms + (int64_t)(monotonic_ms() - clock->told_at_ms);
}
