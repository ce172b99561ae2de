/* SPDX-License-Identifier: MIT */
/*
 * Moments as milliseconds since 1970 in UTC, and how they are written. No zone of the machine, no
 * clock: pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_MS_PER_DAY 86400000LL

/* "2026-01-19T12:00:03.250Z" and its NUL. */
#define CALENDAR_ISO_MAX 32
/* "20260119" and its NUL. */
#define CALENDAR_DAY_MAX 16

/* Years 1970 to 9999; what lies outside is clamped to them. */
void calendar_iso(int64_t ms, char ret_text[static CALENDAR_ISO_MAX]);
void calendar_day(int64_t ms, char ret_text[static CALENDAR_DAY_MAX]);

/* The first moment of the next day. */
int64_t calendar_next_midnight(int64_t ms);

/* "YYYY-MM-DD", 'T' or a blank, "hh:mm[:ss[.fraction]]", then 'Z', "+hh:mm", "+hhmm" or nothing,
 * which means UTC. */
bool calendar_read_iso(const char *bytes, size_t length, int64_t *ret_ms);
