/* SPDX-License-Identifier: MIT */
/*
 * How many intents went out on the last few days that Redis' clock has named: "20261130:3
 * 20261129:10", as the commit hash keeps it, the last one first. The day's own counter expires at
 * midnight; should the clock be set back across it, this is what is left of that day. Pure.
 */
#pragma once

#include <stdint.h>

/* Of this day, named as calendar_day() does; 0: nothing is noted. */
int64_t day_counts_of(const char *counts, const char *day);

/* The same with this day's count, and without the oldest where they are too many; the caller frees
 * the text. */
char *day_counts_with(const char *counts, const char *day, int64_t count);
