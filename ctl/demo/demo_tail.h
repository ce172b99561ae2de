/* SPDX-License-Identifier: MIT */
/*
 * A log file, read as it grows.
 *
 * The writer never waits for the reader, and the file does not grow for ever: when it is long and
 * all of it was read, it is emptied. Embedded.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    DEMO_TAIL_LINE_MAX = 8192,     /* longer ones come in pieces */
    DEMO_TAIL_FILE_MAX = 64 << 20, /* about ten hours of a demo */
};

struct demo_tail {
    int file; /* negative: not open */
    uint64_t offset;
    uint64_t lines;
    size_t length;
    char bytes[DEMO_TAIL_LINE_MAX + 1]; /* a line that has no end yet */
};

void demo_tail_init(struct demo_tail *tail, int file);
void demo_tail_deinit(struct demo_tail *tail);

/* Hands over each line that has been written since, without its newline. */
void demo_tail_read(struct demo_tail *tail, void (*on_line)(void *owner, const char *line),
                    void *owner);
