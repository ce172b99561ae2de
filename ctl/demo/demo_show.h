/* SPDX-License-Identifier: MIT */
/*
 * The demo's output: log lines, announcements and notes. On a terminal they are coloured and folded
 * to its width, elsewhere they stay as they are.
 *
 * What is shown gathers until demo_show_flush(), which waits for a slow reader, but not for long
 * once the demo was asked to stop. After an error nothing more is written.
 */
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl/frame/terminal.h"

struct demo_show {
    const volatile sig_atomic_t *stop; /* the rest begins as zeros */
    struct terminal terminal;          /* as it is now */
    FILE *page;                        /* what is not written yet; NULL: nothing */
    char *bytes;
    size_t length;
    int error; /* errno of the write that failed */
};

/* A line of a service, as it is. */
void demo_show_log(struct demo_show *show, const char *text);

/* "── command ── meaning", on two lines when one is too short. */
void demo_show_command(struct demo_show *show, const char *command, const char *meaning);

/* A line of the demo's own. */
void demo_show_note(struct demo_show *show, enum color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whole lines that are to be copied, and therefore not folded. */
void demo_show_copy(struct demo_show *show, const char *lines);

/* Returns how long it waited for the reader, in nanoseconds. */
uint64_t demo_show_flush(struct demo_show *show);
