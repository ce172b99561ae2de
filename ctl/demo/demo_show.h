/* SPDX-License-Identifier: MIT */
/*
 * The demo's output: log lines, announcements and notes, on a terminal coloured and folded to its
 * width, elsewhere as they are.
 *
 * What is shown gathers until demo_show_flush(), which waits for a slow reader, but not once the
 * demo was asked to stop. After an error nothing is written any more.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_show {
    const volatile sig_atomic_t *stop;
    bool is_terminal;
    bool has_colour;
    char *bytes; /* not written yet */
    size_t length;
    int error; /* errno of the write that failed */
};

enum demo_tone { TONE_PLAIN, TONE_STRONG, TONE_GOOD, TONE_BAD, TONE_FAINT };

void demo_show_init(struct demo_show *show, const volatile sig_atomic_t *stop);
void demo_show_deinit(struct demo_show *show);

/* A line of the router, as it is. */
void demo_show_log(struct demo_show *show, const char *text);

/* "── command ── meaning", on two lines when one is too short. */
void demo_show_command(struct demo_show *show, const char *command, const char *meaning);

/* A command to be copied, which is never folded. */
void demo_show_hint(struct demo_show *show, const char *label, const char *command);

/* A line of the demo's own. */
void demo_show_note(struct demo_show *show, enum demo_tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns how long it waited for the reader, in nanoseconds. */
uint64_t demo_show_flush(struct demo_show *show);
