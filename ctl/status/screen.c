/* SPDX-License-Identifier: MIT */
#include "ctl/status/screen.h"

#include <string.h>

#include "ctl/frame/fold.h"
#include "ctl/frame/span.h"

#define HOME       "\033[H"
#define REST_LINE  "\033[K" /* erases to the end of the line, */
#define REST_BELOW "\033[J" /* and all below */

enum { ROWS_MIN = 3 }; /* one of the text, one that says what is left out, the last one */

static size_t length_of(const char *line)
{
    return strcspn(line, "\n");
}

/* A line that is too long goes on in the next row. */
static size_t rows_of(const char *line, size_t columns)
{
    size_t width = fold_width(line);

    return width == 0 ? 1 : (width + columns - 1) / columns;
}

static const char *next_line(const char *line)
{
    line += length_of(line);
    return *line ? line + 1 : line;
}

static size_t rows_of_all(const char *text, size_t columns)
{
    size_t rows = 0;

    for (const char *line = text; *line; line = next_line(line))
        rows += rows_of(line, columns);
    return rows;
}

static void put(FILE *out, const char *line)
{
    (void)fwrite(line, 1, length_of(line), out);
    (void)fputs(REST_LINE "\n", out);
}

/* Where the last paragraph begins, of which there is one at least. */
static const char *last_paragraph(const char *text)
{
    const char *begin = text;

    for (const char *line = text; *line; line = next_line(line))
        if (length_of(line) == 0 && *next_line(line))
            begin = next_line(line);
    return begin;
}

static const char *last_line(const char *text)
{
    const char *last = text;

    for (const char *line = text; *line; line = next_line(line))
        last = line;
    return last;
}

static size_t count_lines(const char *from, const char *to)
{
    size_t count = 0;

    for (; from < to; from = next_line(from))
        count++;
    return count;
}

/* As many lines up to `end` as there are rows for; the first one that is left out. */
static const char *put_what_fits(FILE *out, const char *line, const char *end, size_t columns,
                                 size_t room)
{
    for (; line < end && rows_of(line, columns) <= room; line = next_line(line)) {
        room -= rows_of(line, columns);
        put(out, line);
    }
    return line;
}

static void put_all(FILE *out, const char *line)
{
    for (; *line; line = next_line(line))
        put(out, line);
}

static void tell_skipped(FILE *out, size_t count)
{
    (void)fprintf(out, "… %s" REST_LINE "\n",
                  counted((long long)count, "more line", "more lines").text);
}

/* What comes before the last paragraph is cut, and where that is not enough, it too. */
static void put_cut(FILE *out, const char *text, size_t columns, size_t room)
{
    const char *kept = last_paragraph(text);
    size_t rows = rows_of_all(kept, columns), before = 0;

    if (rows + 1 > room) {
        before = count_lines(text, kept);
        text = kept;
        kept = last_line(kept);
        rows = rows_of(kept, columns);
    }
    size_t left = room > rows + 1 ? room - rows - 1 : 0;
    const char *line = put_what_fits(out, text, kept, columns, left);
    tell_skipped(out, before + count_lines(line, kept));
    put_all(out, kept);
}

void screen_clear(FILE *out, size_t rows)
{
    while (rows-- > 0)
        (void)fputs("\n", out);
    (void)fputs(HOME, out);
    (void)fflush(out);
}

void screen_draw(FILE *out, const char *text, size_t columns, size_t rows)
{
    size_t room = rows - 1; /* the cursor stands in the row below the last one */

    (void)fputs(HOME, out);
    if (rows_of_all(text, columns) > room && rows > ROWS_MIN)
        put_cut(out, text, columns, room);
    else
        put_all(out, text);
    (void)fputs(REST_BELOW, out);
}
