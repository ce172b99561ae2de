/* SPDX-License-Identifier: MIT */
/*
 * From when on, as people write it: a span ("24h"), a time of the day in UTC ("08:00", the last
 * one), a day ("2026-01-19") or a moment in ISO 8601. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/options/complaints.h"

bool since_read(const char *text, int64_t now_ms, int64_t *ret_ms);

/* Complains about the value of a flag that is none. */
void since_check(const char *flag, const char *text, struct complaints *complaints);
