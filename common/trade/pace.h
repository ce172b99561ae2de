/* SPDX-License-Identifier: MIT */
/*
 * How many intents the router may publish in a minute, and how many the executor takes: one unit
 * for what each of them has as a count in some seconds. Pure.
 */
#pragma once

#include <stdint.h>

/* Rounded to two decimals. */
double pace_per_minute(int64_t count, double seconds);
