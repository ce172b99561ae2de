/* SPDX-License-Identifier: MIT */
/*
 * Spans of time and counts as people write them: "90", "90s", "15m", "1h", "7d"; "1 entry", "2
 * entries". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/number.h"
#include "common/options/complaints.h"

#define SPAN_TEXT_MAX 24

/* A number of seconds, or one with s, m, h or d behind it; decimals allowed, up to 100 years. */
bool span_read(const char *text, int64_t *ret_ms);

/* Complains about the value of a flag that is none. */
void span_check(const char *flag, const char *text, struct complaints *complaints);

/* "250ms", "2.1s", "15m", "3.5h", "4d": short, rounded down. */
void span_print(int64_t ms, char ret_text[static SPAN_TEXT_MAX]);

/* A confidence: at least two decimals, and all there are: 0.599 is no 0.60. */
void share_print(double value, char ret_text[static NUMBER_TEXT_MAX]);

/* A count with its noun: "1 entry", "2 entries". */
struct counted {
    char text[64];
};

/* In the arguments of a call, counted(…).text lives until the call is over. */
struct counted counted(long long count, const char *one, const char *many);
