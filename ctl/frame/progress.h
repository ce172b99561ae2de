/* SPDX-License-Identifier: MIT */
/*
 * A bar that is redrawn in place on stderr, where that is a terminal: how far a command is, how
 * fast, and how long it still takes. Owned by the command that runs; the time is an argument.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 32

/* "0.8 s", "45 s", "1h 02m 03s". */
void duration_print(double seconds, char ret_text[static DURATION_TEXT_MAX]);

/* How far it is. */
struct progress {
    uint64_t done;
    double share;    /* of all there is, 0 to 1; negative: not known */
    double rate;     /* a second; 0: not known */
    double left_sec; /* negative: not known */
};

/* The caller sees to it that it is a terminal, and how often. */
void progress_draw(const struct progress *progress);

/* Takes the bar away, so that a line can be written in its place. */
void progress_clear(void);
