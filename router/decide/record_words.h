/* SPDX-License-Identifier: MIT */
/*
 * The texts of a record, word by word: they point into the entry that was read, and live as long.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond what a double holds no count can be sound, and sums with it could overflow. */
#define RECORDED_COUNT_MAX (INT64_C(1) << 53)

struct recorded_text {
    const char *bytes;
    size_t length;
};

bool recorded_is(struct recorded_text text, const char *word);

/* What stands before the next `between`, or the end; `at` begins at 0. False: it was read to its
 * end. */
bool recorded_next(struct recorded_text text, char between, size_t *at,
                   struct recorded_text *ret_part);

/* The next word of the form "name=value"; others are passed over. */
bool recorded_next_word(struct recorded_text words, size_t *at, struct recorded_text *ret_name,
                        struct recorded_text *ret_value);

/* The value of the word of that name; false: there is none. */
bool recorded_word(struct recorded_text words, const char *name, struct recorded_text *ret_value);

/* A canonical number in these bounds. */
bool recorded_count(struct recorded_text text, int64_t least, int64_t most, int64_t *ret_count);
