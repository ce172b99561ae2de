/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_tail.h"

#include <string.h>
#include <unistd.h>

void demo_tail_init(struct demo_tail *tail, int file)
{
    *tail = (struct demo_tail){.file = file};
}

void demo_tail_deinit(struct demo_tail *tail)
{
    if (tail->file >= 0)
        (void)close(tail->file);
    tail->file = -1;
}

static void hand_over(struct demo_tail *tail, void (*on_line)(void *owner, const char *line),
                      void *owner)
{
    char *line = tail->bytes;
    char *end;

    tail->bytes[tail->length] = '\0';
    while ((end = memchr(line, '\n', tail->length - (size_t)(line - tail->bytes))) != NULL) {
        *end = '\0';
        tail->lines++;
        on_line(owner, line);
        line = end + 1;
    }
    if (line == tail->bytes && tail->length == DEMO_TAIL_LINE_MAX) {
        on_line(owner, line);
        line += tail->length;
    }
    tail->length -= (size_t)(line - tail->bytes);
    memmove(tail->bytes, line, tail->length);
}

/* What was written between the last look and this moment is lost; nothing at all, nearly always. */
static void keep_short(struct demo_tail *tail)
{
    if (tail->offset < DEMO_TAIL_FILE_MAX || ftruncate(tail->file, 0) != 0)
        return;
    tail->offset = 0;
}

void demo_tail_read(struct demo_tail *tail, void (*on_line)(void *owner, const char *line),
                    void *owner)
{
    ssize_t length;

    if (tail->file < 0)
        return;
    while ((length = pread(tail->file, tail->bytes + tail->length,
                           DEMO_TAIL_LINE_MAX - tail->length, (off_t)tail->offset)) > 0) {
        tail->offset += (uint64_t)length;
        tail->length += (size_t)length;
        hand_over(tail, on_line, owner);
    }
    keep_short(tail);
}
