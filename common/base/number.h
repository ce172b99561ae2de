/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people and programs write them: read strictly, printed without float noise. The only
 * place that reads or rounds them; the same in every locale because the programs never call
 * setlocale(). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any number printed here, with its NUL. */
#define NUMBER_TEXT_MAX 352

/* Room for any whole number of 64 bits without a sign, with its NUL. */
#define NUMBER_DIGITS_MAX 21

/* `[+-]?(d+[.d*]|.d+)([eE][+-]?d+)?`, all of the bytes, finite. False otherwise: blanks, hex, nan,
 * inf, 1e999. */
bool number_read(const char *bytes, size_t length, double *ret_value);

/* A canonical integer: an optional '-', no leading zeros, no '+', no blanks, within 64 bits. */
bool number_read_integer(const char *bytes, size_t length, int64_t *ret_value);

/* Digits and a NUL; returns how many digits. */
size_t number_print(uint64_t value, char ret_text[static NUMBER_DIGITS_MAX]);

/* The shortest decimal form that reads back as the same double: "110.275", "1e+22". */
void number_shortest(double value, char ret_text[static NUMBER_TEXT_MAX]);

/* Rounds the shortest decimal form of a value half to even at `places` decimals (0 to 12): what a
 * person with pencil and paper would get from the digits that are shown. What is not finite stays.
 */
double number_round(double value, unsigned places);
