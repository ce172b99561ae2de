/* SPDX-License-Identifier: MIT */
/*
 * A table that aligns: rows of texts, as wide as they need. On a terminal that is too narrow the
 * wide columns give way, by their middle. Numbers stand to the right, words to the left. Owned by
 * the command that prints it; cells are copies, escaped by what adds them.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "ctl/frame/terminal.h"

#define SHEET_COLUMNS_MAX 12

struct sheet {
    const char *const *titles; /* a title that begins with '<' is of words, and shown without it */
    size_t columns;
    char **cells;
    enum color *colors; /* of rows */
    size_t count;       /* of cells */
};

/* The titles end with NULL. */
void sheet_init(struct sheet *sheet, const char *const *titles);
void sheet_deinit(struct sheet *sheet);

/* Row by row, from left to right. */
void sheet_add(struct sheet *sheet, const char *text);
void sheet_add_format(struct sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A minus for a number that is negative, which says that it is not known. */
void sheet_add_count(struct sheet *sheet, long long count);
void sheet_add_span(struct sheet *sheet, long long ms);

/* Of the row that was added last. */
void sheet_color(struct sheet *sheet, enum color color);

void sheet_print(const struct sheet *sheet, FILE *out, const struct terminal *terminal);
