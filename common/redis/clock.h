/* SPDX-License-Identifier: MIT */
/*
 * Redis' clock, carried forward by our monotonic one between the moments at which Redis told its
 * time, which each answer that carries it does. An answer is older than the moment it was given, so
 * this clock is late by the time of a reply and never early, until Redis' clock is set: nothing
 * final rests on it alone. A decision takes the exact time from its snapshot, an ACK for an
 * entry's age is confirmed by Redis (acks.h). Embedded in a service.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/monotonic.h"

struct redis_clock {
    int64_t told_ms;
    uint64_t told_at_ms; /* monotonic */
};

void redis_clock_set(struct redis_clock *clock, int64_t told_ms);
/* Seconds and microseconds, as TIME gives them, at this place of a reply and the next: false when
 * they are malformed. */
bool redis_clock_read(const redisReply *reply, size_t at, int64_t *ret_ms);

/* The same, and sets the clock by it. */
bool redis_clock_hear(struct redis_clock *clock, const redisReply *reply, size_t at);

int64_t redis_clock_now(const struct redis_clock *clock);
