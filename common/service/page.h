/* SPDX-License-Identifier: MIT */
/*
 * A text that grows as it is written: the body of an answer.
 *
 * Starts zeroed; the bytes are the owner's, who frees them with page_free() or hands them on.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct page {
    char *bytes; /* NUL-terminated; NULL while nothing was written */
    size_t length;
    size_t room;
};

void page_add(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_add_bytes(struct page *page, const char *bytes, size_t length);

void page_free(struct page *page);
