/* SPDX-License-Identifier: MIT */
/*
 * Numbers once more, from the grammar of the contract alone: what number.c is compared with. Slow
 * and plain: an automaton over the bytes, and the C library for the value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `[+-]?(d+[.d*]|.d+)([eE][+-]?d+)?`, the whole text, finite. */
bool oracle_number(const char *bytes, size_t length, double *ret_value);

/* `0|-?[1-9]d*`, and what number.h says more: "-0" is none, and it fits 64 bits. */
bool oracle_integer(const char *bytes, size_t length, int64_t *ret_value);
