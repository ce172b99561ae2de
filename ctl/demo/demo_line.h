/* SPDX-License-Identifier: MIT */
/*
 * One line of a service's log, taken apart: time, level, picture, word.
 *
 * The word is what operators grep for, without the colon behind it. It stands at one place, so that
 * text from outside further on is never taken for it. The text is borrowed. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_line {
    const char *text;
    size_t level; /* the bracket that opens "[INFO]" */
    size_t level_length;
    size_t message; /* the picture, or else the word */
    size_t word;
    size_t word_length;
};

/* False: this is no line of a log. */
bool demo_line_read(const char *text, struct demo_line *ret_line);

/* `pattern` is a word, or the start of one with a "*" behind it. */
bool demo_line_matches(const struct demo_line *line, const char *pattern);

/* The digits behind the first " key=" of the message; 0 bytes long when there are none. */
struct demo_digits {
    const char *bytes;
    size_t length;
};
struct demo_digits demo_line_digits(const struct demo_line *line, const char *key);

/* The same as a number; 0 when there is none. */
uint64_t demo_line_number(const struct demo_line *line, const char *key);
