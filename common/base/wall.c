/* SPDX-License-Identifier: MIT */
#include "common/base/wall.h"

#include <time.h>

uint64_t wall_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t wall_ms(void)
{
    return (int64_t)(wall_ns() / 1000000);
}
