/* SPDX-License-Identifier: MIT */
#include "ctl/status/trail.h"

#include <string.h>

static void forget_first(struct trail *trail)
{
    status_sample_release(&trail->samples[0]);
    trail->count--;
    memmove(trail->samples, trail->samples + 1, trail->count * sizeof *trail->samples);
}

static void forget_old(struct trail *trail, uint64_t at_ms)
{
    while (trail->count > 1 && at_ms - trail->samples[0].at_ms > trail->span_ms)
        forget_first(trail);
}

const struct status_sample *trail_before(struct trail *trail, uint64_t at_ms)
{
    static const struct status_sample none;

    forget_old(trail, at_ms);
    return trail->count > 0 ? &trail->samples[0] : &none;
}

/* So far apart that those of the span, one before it and a new one have room. */
static bool is_too_soon(const struct trail *trail, uint64_t at_ms)
{
    return trail->count > 0 &&
           at_ms - trail->samples[trail->count - 1].at_ms < trail->span_ms / (TRAIL_MAX - 2);
}

void trail_add(struct trail *trail, struct status_sample *sample)
{
    forget_old(trail, sample->at_ms);
    if (is_too_soon(trail, sample->at_ms)) {
        status_sample_release(sample);
        return;
    }
    if (trail->count == TRAIL_MAX)
        forget_first(trail);
    trail->samples[trail->count++] = *sample;
    *sample = (struct status_sample){0};
}

void trail_release(struct trail *trail)
{
    while (trail->count > 0)
        forget_first(trail);
}
