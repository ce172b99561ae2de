/* SPDX-License-Identifier: MIT */
#include "executor/decide/breaker.h"

#include <assert.h>

static bool change(struct breaker *breaker, enum breaker_state state)
{
    bool changed = breaker->state != state;

    breaker->state = state;
    return changed;
}

/* Whether the n-th failure before this one still counts. */
static bool is_too_many(const struct breaker *breaker, const struct breaker_rules *rules,
                        uint64_t now_ms)
{
    uint64_t wanted = (uint64_t)rules->failures;

    if (breaker->count < wanted)
        return false;
    uint64_t first_ms = breaker->failed_ms[(breaker->count - wanted) % BREAKER_FAILURES_MAX];
    return now_ms - first_ms <= (uint64_t)rules->window_ms;
}

bool breaker_fail(struct breaker *breaker, const struct breaker_rules *rules, uint64_t now_ms)
{
    assert(rules->failures >= 1 && rules->failures <= BREAKER_FAILURES_MAX);
    breaker->failed_ms[breaker->count++ % BREAKER_FAILURES_MAX] = now_ms;
    if (breaker->state == BREAKER_CLOSED && !is_too_many(breaker, rules, now_ms))
        return false;
    breaker->until_ms = now_ms + (uint64_t)rules->pause_ms;
    return change(breaker, BREAKER_OPEN);
}

/* One that was asked before the breaker opened says nothing about the venue now. */
bool breaker_answer(struct breaker *breaker)
{
    if (breaker->state != BREAKER_HALF_OPEN)
        return false;
    breaker->count = 0;
    return change(breaker, BREAKER_CLOSED);
}

bool breaker_tick(struct breaker *breaker, uint64_t now_ms)
{
    if (breaker->state != BREAKER_OPEN || now_ms < breaker->until_ms)
        return false;
    return change(breaker, BREAKER_HALF_OPEN);
}
