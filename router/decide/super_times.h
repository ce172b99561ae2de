/* SPDX-License-Identifier: MIT */
/*
 * The super-signals that passed the target within the last hour: their times as one text, "ms ms
 * …", as the commit hash keeps it. Bounded by the hourly limit, since only what was let through is
 * noted. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many of the times are within the hour before `now_ms`. */
int64_t super_times_count(const char *times, int64_t now_ms);

/* Those times, and `more` times now; the caller frees the text. One that is ahead, because the
 * clock was set back, becomes now: it counts for an hour, and not until the clock is there again.
 */
char *super_times_with(const char *times, int64_t now_ms, size_t more);
