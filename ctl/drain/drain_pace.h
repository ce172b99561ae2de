/* SPDX-License-Identifier: MIT */
/*
 * The pace of the entries that a drain lets pass: an even one, which does not catch up. Embedded in
 * the run. Pure.
 */
#pragma once

#include <stdint.h>

struct drain_pace {
    uint64_t interval_ns;
    uint64_t due_ns; /* when the next one may go */
};

void drain_pace_init(struct drain_pace *pace, double per_second, uint64_t now_ns);

/* One has gone. */
void drain_pace_take(struct drain_pace *pace, uint64_t now_ns);
