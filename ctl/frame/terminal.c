/* SPDX-License-Identifier: MIT */
#include "ctl/frame/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/output.h"

enum { COLUMNS = 80, ROWS = 24 }; /* of one that does not say */

static bool wants_colors(void)
{
    const char *none = getenv("NO_COLOR");
    const char *kind = getenv("TERM");

    return !(none && *none) && kind && strcmp(kind, "dumb") != 0;
}

struct terminal terminal_look(void)
{
    struct terminal terminal = {isatty(STDOUT_FILENO) == 1, false, SIZE_MAX, SIZE_MAX};

    terminal.has_colors = terminal.is_one && wants_colors();
    if (terminal.is_one) {
        struct output_size size = output_size(stdout);
        terminal.columns = size.columns > 0 ? size.columns : COLUMNS;
        terminal.rows = size.rows > 0 ? size.rows : ROWS;
    }
    return terminal;
}

const char *terminal_on(const struct terminal *terminal, enum color color)
{
    static const char *const codes[] = {
        [COLOR_NONE] = "",          [COLOR_BOLD] = "\033[1m",   [COLOR_DIM] = "\033[2m",
        [COLOR_RED] = "\033[1;31m", [COLOR_GREEN] = "\033[32m", [COLOR_YELLOW] = "\033[33m",
    };

    return terminal->has_colors ? codes[color] : "";
}

const char *terminal_off(const struct terminal *terminal, enum color color)
{
    return terminal->has_colors && color != COLOR_NONE ? "\033[0m" : "";
}

static size_t width_of(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    bool is_symbol = bytes[0] == 0xe2 && (bytes[1] == 0x9b || bytes[1] == 0x9c);

    return bytes[0] >= 0xf0 || is_symbol ? 2 : 1;
}

size_t terminal_step(const char *at, size_t *ret_width)
{
    size_t bytes = 1;

    if (*at == '\033') {
        while (at[bytes] && at[bytes] != '\n' && at[bytes - 1] != 'm')
            bytes++;
        *ret_width = 0;
        return bytes;
    }
    while (((unsigned char)at[bytes] & 0xc0) == 0x80)
        bytes++;
    *ret_width = width_of(at);
    return bytes;
}

size_t terminal_width(const char *text)
{
    size_t whole = 0, width;

    for (; *text; whole += width)
        text += terminal_step(text, &width);
    return whole;
}
