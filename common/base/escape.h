/* SPDX-License-Identifier: MIT */
/*
 * Text from outside made fit for one line of a log or a terminal. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Copies as much as fits in `room` (NUL included) and at most `most` source bytes: printable UTF-8
 * as it is; control characters, invalid UTF-8, line and paragraph separators, what turns text and
 * what is not seen as \xNN, a backslash doubled. A cut is marked with "…". Returns the length
 * written. */
size_t escape(const char *bytes, size_t length, size_t most, char *ret_text, size_t room);

/* Whether the bytes are well-formed UTF-8. */
bool utf8_well_formed(const char *bytes, size_t length);

/* The same, without NUL. */
bool utf8_valid(const char *bytes, size_t length);

/* How many characters a text has. */
size_t utf8_count(const char *text);

/* A string escaped and cut to be shown in a message, as a value: in the arguments of a call,
 * escaped(text).text lives until the call is over. */
struct escaped {
    char text[512];
};
struct escaped escaped(const char *text);
