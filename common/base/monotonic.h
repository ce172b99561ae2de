/* SPDX-License-Identifier: MIT */
/*
 * Milliseconds of a clock that nobody sets: for deadlines, never for what is stored. The same clock
 * as uv_hrtime().
 */
#pragma once

#include <stdint.h>

uint64_t monotonic_ms(void);
