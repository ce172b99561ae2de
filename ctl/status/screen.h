/* SPDX-License-Identifier: MIT */
/*
 * One text after the other at the same place of a terminal. Each is written at once, so that
 * nothing flickers. Of what a smaller terminal has no room for, the last paragraph stays, which is
 * what matters; of that, its beginning and its last line. Nothing is switched on that would need to
 * be switched off again.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Moves what is there out of the way, into the terminal's memory. */
void screen_clear(FILE *out, size_t rows);

/* `columns` and `rows` are the terminal's. */
void screen_draw(FILE *out, const char *text, size_t columns, size_t rows);
