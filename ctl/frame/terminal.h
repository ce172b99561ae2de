/* SPDX-License-Identifier: MIT */
/*
 * What stdout is: how wide, and whether it takes colours. In a pipe nothing is cut and nothing
 * coloured; NO_COLOR and a dumb terminal take no colours either.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum color { COLOR_NONE, COLOR_BOLD, COLOR_DIM, COLOR_RED, COLOR_GREEN, COLOR_YELLOW };

struct terminal {
    bool is_one;
    bool has_colors;
    size_t columns, rows; /* SIZE_MAX: there is no edge */
};

struct terminal terminal_look(void);

/* What switches the color on, or off again; empty where there are none. */
const char *terminal_on(const struct terminal *terminal, enum color color);
const char *terminal_off(const struct terminal *terminal, enum color color);

/* The bytes of one character of UTF-8, or of a colour; `ret_width` are its columns: pictures take
 * two, and so do most that a selector makes one. */
size_t terminal_step(const char *at, size_t *ret_width);

/* The columns that a text takes up. */
size_t terminal_width(const char *text);
