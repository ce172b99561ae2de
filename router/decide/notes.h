/* SPDX-License-Identifier: MIT */
/*
 * What the commit hash keeps for the limits that reach further back than a snapshot: texts of words
 * between blanks, which only the router writes. Pure.
 *
 * The intents of the last minute: "ms:count ms:count …", for each decision that published any.
 *
 * The super-signals that passed the target within the last hour: "ms ms …", their times. Bounded by
 * the hourly limit, since only what was let through is noted.
 *
 * How many intents went out on the last few days that Redis' clock has named: "20261130:3
 * 20261129:10", the last one first. The day's own counter expires at midnight; should the clock be
 * set back across it, this is what is left of that day.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many of the times are within the hour before `now_ms`. */
int64_t notes_supers(const char *times, int64_t now_ms);

/* Those times, and `more` times now; the caller frees the text. One that is ahead, because the
 * clock was set back, becomes now: it counts for an hour, and not until the clock is there again.
 */
char *notes_with_supers(const char *times, int64_t now_ms, size_t more);

/* How many intents went out within the minute before `now_ms`: a minute and a second, so that the
 * decision and the moment of its commit may differ by that much. */
int64_t notes_minute(const char *counts, int64_t now_ms);

/* Those counts, and `more` intents now; the caller frees the text. One that is ahead becomes now.
 */
char *notes_with_minute(const char *counts, int64_t now_ms, size_t more);

/* Of this day, named as calendar_day() does; 0: nothing is noted. */
int64_t notes_day(const char *counts, const char *day);

/* The same with this day's count, and without the oldest where they are too many; the caller frees
 * the text. */
char *notes_with_day(const char *counts, const char *day, int64_t count);
