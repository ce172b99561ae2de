/* SPDX-License-Identifier: MIT */
/*
 * A page in HTML that is written into a file, with nothing from elsewhere: light, dark and on
 * paper. Text is written as text. Pictures on it are ctl/frame/picture.h, whose classes it has.
 */
#pragma once

#include <stdio.h>

/* What a page would take for its own is written as what it is. */
void page_put(FILE *out, const char *text);
void page_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The head, with its title above all else; the body is the caller's. */
void page_begin(FILE *out, const char *title);
void page_end(FILE *out);

/* A picture and its table, under what is to be seen there. */
void page_figure_begin(FILE *out, const char *title);
void page_figure_end(FILE *out);

/* Where there is nothing to be drawn. */
void page_title_alone(FILE *out, const char *title);

/* The label is for those who do not see it; the titles end with NULL. A wide one is pushed
 * sideways by itself. */
void page_table_begin(FILE *out, const char *label, const char *const *titles);
void page_row_begin(FILE *out);
void page_cell(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_row_end(FILE *out);
void page_table_end(FILE *out);
