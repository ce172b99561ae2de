/* SPDX-License-Identifier: MIT */
/*
 * Parts of a page in HTML that is written into a file: text as text, and tables.
 */
#pragma once

#include <stdio.h>

/* What a page would take for its own is written as what it is. */
void page_put(FILE *out, const char *text);
void page_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The label is for those who do not see it; the titles end with NULL. A wide one is pushed
 * sideways by itself. */
void page_table_begin(FILE *out, const char *label, const char *const *titles);
void page_row_begin(FILE *out);
void page_cell(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_row_end(FILE *out);
void page_table_end(FILE *out);
