/* SPDX-License-Identifier: MIT */
/*
 * NaN, Infinity and -Infinity: what some writers of JSON put where a number is none, Python's among
 * them. It is no JSON, and the parser refuses the document for it.
 *
 * number_words_replace() puts a mark in the place of each that stands where a value stands, a
 * string of one character that nobody writes; all else stays as it is, so that whatever else is
 * wrong with the document still is. Pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A copy of the same length, for the caller to free; NULL: there is no such word. */
char *number_words_replace(const char *text, size_t length);

/* As json_loadb(), with marks for such words; all who read documents of others read them so. */
json_t *number_words_load(const char *text, size_t length, size_t flags, json_error_t *ret_error);

/* Whether a string of the document is such a mark. */
bool number_words_is_mark(const char *string);
