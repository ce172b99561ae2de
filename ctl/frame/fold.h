/* SPDX-License-Identifier: MIT */
/*
 * A text for a terminal that is narrower than its lines: broken at blanks, and going on under the
 * beginning of the words that stand behind a label ("pace          router may …"). Pure but for
 * `out`.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* The columns that the line at `text` takes up to its end: colours and the inside of a UTF-8
 * character take none. */
size_t fold_width(const char *text);

void fold_print(FILE *out, const char *text, size_t columns);

/* One line, which goes on under that column. */
void fold_print_under(FILE *out, const char *line, size_t columns, size_t indent);

/* The same of prose that was broken for a wider terminal: where it is too wide, lines without a
 * margin that follow each other are one. */
void fold_print_paragraphs(FILE *out, const char *text, size_t columns);

/* Such prose on stdout, a note below a table: no wider than one reads easily. */
void fold_print_note(const char *text);
