/* SPDX-License-Identifier: MIT */
#include "common/redis/clock.h"

#include "common/redis/reply.h"

/* The end of the year 9999: what is beyond it is no time, and sums with it would overflow. */
#define SECONDS_MAX INT64_C(253402300799)

bool redis_clock_read(const redisReply *reply, size_t at, int64_t *ret_ms)
{
    int64_t seconds, microseconds;

    if (!reply_read_integer(reply_element(reply, at), &seconds) ||
        !reply_read_integer(reply_element(reply, at + 1), &microseconds) || seconds < 0 ||
        seconds > SECONDS_MAX || microseconds < 0 || microseconds >= 1000000)
        return false;
    *ret_ms = seconds * 1000 + microseconds / 1000;
    return true;
}

bool redis_clock_hear(struct redis_clock *clock, const redisReply *reply, size_t at)
{
    int64_t now_ms;

    if (!redis_clock_read(reply, at, &now_ms))
        return false;
    redis_clock_set(clock, now_ms);
    return true;
}

void redis_clock_set(struct redis_clock *clock, int64_t told_ms)
{
    clock->told_ms = told_ms;
    clock->told_at_ms = monotonic_ms();
}

int64_t redis_clock_now(const struct redis_clock *clock)
{
    return clock->told_ms + (int64_t)(monotonic_ms() - clock->told_at_ms);
}
