/* SPDX-License-Identifier: MIT */
#include "common/service/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

enum { ROOM_MIN = 1024 };

/* For `more` bytes and a NUL. */
static void make_room(struct page *page, size_t more)
{
    size_t room = page->room ? page->room : ROOM_MIN;

    while (room - page->length <= more)
        room *= 2;
    if (room == page->room)
        return;
    page->bytes = memory_resize(page->bytes, room, 1);
    page->room = room;
}

void page_add_bytes(struct page *page, const char *bytes, size_t length)
{
    make_room(page, length);
    memcpy(page->bytes + page->length, bytes, length);
    page->length += length;
    page->bytes[page->length] = '\0';
}

void page_add(struct page *page, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    page_add_bytes(page, text, strlen(text));
    free(text);
}

void page_free(struct page *page)
{
    free(page->bytes);
    *page = (struct page){0};
}
