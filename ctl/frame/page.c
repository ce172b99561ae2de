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

/* --- the whole */

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b2230;--soft:#586174;--paper:#fff;--line:#dfe3ea;"
    "--bar:#3c6fd1;--gone:#b9c2d0;--good:#1d8a5a;--bad:#c2452d;--band:#3c6fd133;--own:#a8700c}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ebf1;--soft:#9aa3b5;--paper:#10141b;"
    "--line:#2c3442;--bar:#7ea2f5;--gone:#4a5466;--good:#58c894;--bad:#f0866f;--band:#7ea2f540;--"
    "own:#e0b057}}"
    "*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:44rem;margin:0 auto;padding:1.25rem}"
    "h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0 0 "
    ".5rem}p{margin:.4rem 0}"
    ".soft{color:var(--soft)}figure,section{margin:2rem 0;break-inside:avoid}"
    "svg{width:100%;max-width:36rem;height:auto;display:block}"
    "svg text{font:12px system-ui,sans-serif;fill:var(--ink);paint-order:stroke;"
    "stroke:var(--paper);stroke-width:3px}svg text.axis{fill:var(--soft);"
    "font-size:11px}svg text.soft{fill:var(--soft)}"
    ".caveat{border-left:3px solid var(--soft);padding-left:.6rem;font-size:.9rem}"
    ".bar{fill:var(--bar)}.own{fill:var(--own)}.gone{fill:var(--gone)}.good{fill:var(--good)}.bad{"
    "fill:var(--bad)}"
    ".band{fill:var(--band)}.grid{stroke:var(--line)}.zero{stroke:var(--soft)}"
    ".line{fill:none;stroke:var(--bar);stroke-width:2}.dash{stroke:var(--soft);"
    "stroke-dasharray:4 4}.reach{stroke:var(--bar);stroke-width:1.5}"
    ".table{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;margin-top:.75rem;"
    "font-variant-numeric:tabular-nums}"
    "th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--line);"
    "white-space:nowrap}th{color:var(--soft);font-weight:500}"
    "th:first-child,td:first-child{text-align:left;padding-left:0}"
    "@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--line:#ccc;"
    "--bar:#3c6fd1;--gone:#b9c2d0;--band:#3c6fd133;--own:#a8700c}body{font-size:11pt;padding:0;max-"
    "width:none}}";

void page_begin(FILE *out, const char *title)
{
    (void)fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
                out);
    page_put(out, title);
    (void)fprintf(out, "</title><style>%s</style></head><body>\n<h1>", style);
    page_put(out, title);
    (void)fputs("</h1>\n", out);
}

void page_end(FILE *out)
{
    (void)fputs("</body></html>\n", out);
}

void page_figure_begin(FILE *out, const char *title)
{
    (void)fputs("<figure>\n<h2>", out);
    page_put(out, title);
    (void)fputs("</h2>\n", out);
}

void page_figure_end(FILE *out)
{
    (void)fputs("</figure>\n", out);
}

void page_title_alone(FILE *out, const char *title)
{
    (void)fputs("<section>\n<h2>", out);
    page_put(out, title);
    (void)fputs("</h2>\n</section>\n", out);
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
