/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_pace.h"

#define SECOND_NS 1e9

/* A nap that ends this late at most is made up for. */
#define LATE_NS_MAX UINT64_C(20000000)

void drain_pace_init(struct drain_pace *pace, double per_second, uint64_t now_ns)
{
    *pace = (struct drain_pace){(uint64_t)(SECOND_NS / per_second), now_ns};
}

void drain_pace_take(struct drain_pace *pace, uint64_t now_ns)
{
    if (pace->due_ns + LATE_NS_MAX < now_ns)
        pace->due_ns = now_ns;
    pace->due_ns += pace->interval_ns;
}
