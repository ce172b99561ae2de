/* SPDX-License-Identifier: MIT */
#include "ctl/frame/sheet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "ctl/frame/span.h"

enum { GAP = 2, WIDTH_MIN = 16 };

void sheet_init(struct sheet *sheet, const char *const *titles)
{
    *sheet = (struct sheet){.titles = titles};
    while (titles[sheet->columns])
        sheet->columns++;
    assert(sheet->columns > 0 && sheet->columns <= SHEET_COLUMNS_MAX);
}

void sheet_deinit(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++)
        free(sheet->cells[i]);
    free(sheet->cells);
    free(sheet->colors);
    *sheet = (struct sheet){0};
}

static void take(struct sheet *sheet, char *text)
{
    if (sheet->count % sheet->columns == 0) {
        size_t rows = sheet->count / sheet->columns + 1;
        sheet->cells = memory_resize(sheet->cells, rows * sheet->columns, sizeof *sheet->cells);
        sheet->colors = memory_resize(sheet->colors, rows, sizeof *sheet->colors);
        sheet->colors[rows - 1] = COLOR_NONE;
    }
    sheet->cells[sheet->count++] = text;
}

void sheet_add(struct sheet *sheet, const char *text)
{
    take(sheet, memory_text(text));
}

void sheet_add_format(struct sheet *sheet, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    take(sheet, memory_format_list(format, arguments));
    va_end(arguments);
}

void sheet_add_count(struct sheet *sheet, long long count)
{
    take(sheet, count < 0 ? memory_text("-") : memory_format("%lld", count));
}

void sheet_add_span(struct sheet *sheet, long long ms)
{
    char text[SPAN_TEXT_MAX];

    span_print(ms, text);
    take(sheet, memory_text(ms < 0 ? "-" : text));
}

void sheet_color(struct sheet *sheet, enum color color)
{
    assert(sheet->count > 0);
    sheet->colors[(sheet->count - 1) / sheet->columns] = color;
}

static bool is_of_words(const struct sheet *sheet, size_t column)
{
    return sheet->titles[column][0] == '<';
}

static const char *title_of(const struct sheet *sheet, size_t column)
{
    return sheet->titles[column] + is_of_words(sheet, column);
}

/* Which column gives way: the widest one, but names in the first one after all others. */
static size_t giving_way(const size_t *widths, size_t columns)
{
    size_t found = 0;

    for (size_t column = 1; column < columns; column++)
        if (widths[column] > WIDTH_MIN && (found == 0 || widths[column] > widths[found]))
            found = column;
    return found;
}

/* What is too wide for the terminal is taken from the columns, as far as that goes. */
static void measure(const struct sheet *sheet, size_t room, size_t *ret_widths)
{
    size_t whole = GAP * (sheet->columns - 1);

    for (size_t column = 0; column < sheet->columns; column++) {
        ret_widths[column] = terminal_width(title_of(sheet, column));
        for (size_t at = column; at < sheet->count; at += sheet->columns) {
            size_t width = terminal_width(sheet->cells[at]);
            ret_widths[column] = width > ret_widths[column] ? width : ret_widths[column];
        }
        whole += ret_widths[column];
    }
    for (; whole > room; whole--) {
        size_t *most = &ret_widths[giving_way(ret_widths, sheet->columns)];
        if (*most <= WIDTH_MIN)
            return;
        --*most;
    }
}

/* Bytes of what fits into so many columns. */
static size_t bytes_of(const char *text, size_t columns)
{
    size_t at = 0, width;

    while (text[at]) {
        size_t bytes = terminal_step(text + at, &width);
        if (width > columns)
            break;
        columns -= width;
        at += bytes;
    }
    return at;
}

/* The beginning and the end, which tell names apart, and an ellipsis between. */
static void print_cut(FILE *out, const char *text, size_t width)
{
    size_t head = (width - 1) / 3, tail = width - 1 - head;
    size_t skipped = bytes_of(text, terminal_width(text) - tail);

    (void)fprintf(out, "%.*s…%s", (int)bytes_of(text, head), text, text + skipped);
}

static void print_cell(FILE *out, const char *text, size_t width, bool of_words, bool is_last)
{
    size_t own = terminal_width(text);
    int blanks = own < width ? (int)(width - own) : 0;

    if (!of_words)
        (void)fprintf(out, "%*s", blanks, "");
    if (own > width)
        print_cut(out, text, width);
    else
        (void)fputs(text, out);
    if (of_words && !is_last)
        (void)fprintf(out, "%*s", blanks, "");
    if (!is_last)
        (void)fprintf(out, "%*s", GAP, "");
}

static void print_titles(const struct sheet *sheet, FILE *out, const struct terminal *terminal,
                         const size_t *widths)
{
    (void)fputs(terminal_on(terminal, COLOR_BOLD), out);
    for (size_t column = 0; column < sheet->columns; column++)
        print_cell(out, title_of(sheet, column), widths[column], is_of_words(sheet, column),
                   column + 1 == sheet->columns);
    (void)fprintf(out, "%s\n", terminal_off(terminal, COLOR_BOLD));
}

/* No blanks behind the last cell that says something. */
static size_t columns_of(char *const *cells, size_t columns)
{
    while (columns > 1 && !cells[columns - 1][0])
        columns--;
    return columns;
}

static void print_row(const struct sheet *sheet, FILE *out, const struct terminal *terminal,
                      size_t row, const size_t *widths)
{
    char *const *cells = sheet->cells + row * sheet->columns;
    size_t columns = columns_of(cells, sheet->columns);

    (void)fputs(terminal_on(terminal, sheet->colors[row]), out);
    for (size_t column = 0; column < columns; column++)
        print_cell(out, cells[column], widths[column], is_of_words(sheet, column),
                   column + 1 == columns);
    (void)fprintf(out, "%s\n", terminal_off(terminal, sheet->colors[row]));
}

void sheet_print(const struct sheet *sheet, FILE *out, const struct terminal *terminal)
{
    size_t widths[SHEET_COLUMNS_MAX];

    assert(sheet->count % sheet->columns == 0 && "whole rows");
    measure(sheet, terminal->columns, widths);
    print_titles(sheet, out, terminal, widths);
    for (size_t row = 0; row < sheet->count / sheet->columns; row++)
        print_row(sheet, out, terminal, row, widths);
}
