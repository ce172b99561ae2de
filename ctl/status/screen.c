/* SPDX-License-Identifier: MIT */
#include "ctl/status/screen.h"

#include <string.h>

#include "ctl/counted.h"
#include "ctl/fold.h"

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

/* The lines from here on but the last one, which is returned. */
static const char *skip(const char *line, size_t *ret_skipped)
{
    *ret_skipped = 0;
    for (; *next_line(line); line = next_line(line))
        ++*ret_skipped;
    return line;
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
    const char *line = text;
    size_t room = rows - 1, skipped; /* the cursor stands in the row below the last one */

    (void)fputs(HOME, out);
    if (rows_of_all(text, columns) > room && rows > ROWS_MIN) {
        for (room -= 2; *line && rows_of(line, columns) <= room; line = next_line(line)) {
            room -= rows_of(line, columns);
            put(out, line);
        }
        line = skip(line, &skipped);
        (void)fprintf(out, "… %s" REST_LINE "\n",
                      counted((long long)skipped, "more line", "more lines").text);
    }
    for (; *line; line = next_line(line))
        put(out, line);
    (void)fputs(REST_BELOW, out);
}
