/* SPDX-License-Identifier: MIT */
/*
 * The looks at the streams that a watch has taken in the last seconds: rates are measured against
 * the oldest of them, and against one that is older still where there is no other. Many looks in a
 * short time are thinned, so that their number has a bound. Owned by the watch.
 */
#pragma once

#include "ctl/status/status_read.h"

enum { TRAIL_MAX = 32 };

struct trail {
    struct status_sample samples[TRAIL_MAX]; /* from the oldest on */
    size_t count;
    uint64_t span_ms;
};

/* What a look at that moment is measured against; one that is at 0: nothing. Good until the next
 * call. */
const struct status_sample *trail_before(struct trail *trail, uint64_t at_ms);

/* Takes the sample over, or releases it where it came too soon after the last one. */
void trail_add(struct trail *trail, struct status_sample *sample);

void trail_release(struct trail *trail);
