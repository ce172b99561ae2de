/* SPDX-License-Identifier: MIT */
/*
 * This machine's clock since 1970, which may be set: for what is stored, never for deadlines.
 */
#pragma once

#include <stdint.h>

int64_t wall_ms(void);
uint64_t wall_ns(void);
