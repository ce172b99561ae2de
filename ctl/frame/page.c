/* SPDX-License-Identifier: MIT */
#include "ctl/frame/page.h"

#include <stdarg.h>
#include <stdlib.h>

#include "common/base/memory.h"

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void page_put(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *written = entity(*text);
        if (written)
            (void)fputs(written, out);
        else
            (void)fputc(*text, out);
    }
}

static void print_list(FILE *out, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void print_list(FILE *out, const char *format, va_list arguments)
{
    char *text = memory_format_list(format, arguments);

    page_put(out, text);
    free(text);
}

void page_print(FILE *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_list(out, format, arguments);
    va_end(arguments);
}

/* --- tables */

void page_table_begin(FILE *out, const char *label, const char *const *titles)
{
    (void)fputs("<div class=\"table\" tabindex=\"0\"><table aria-label=\"", out);
    page_put(out, label);
    (void)fputs("\"><thead><tr>", out);
    for (; *titles; titles++) {
        (void)fputs("<th>", out);
        page_put(out, *titles);
        (void)fputs("</th>", out);
    }
    (void)fputs("</tr></thead><tbody>\n", out);
}

void page_row_begin(FILE *out)
{
    (void)fputs("<tr>", out);
}

void page_cell(FILE *out, const char *format, ...)
{
    va_list arguments;

    (void)fputs("<td>", out);
    va_start(arguments, format);
    print_list(out, format, arguments);
    va_end(arguments);
    (void)fputs("</td>", out);
}

void page_row_end(FILE *out)
{
    (void)fputs("</tr>\n", out);
}

void page_table_end(FILE *out)
{
    (void)fputs("</tbody></table></div>\n", out);
}
