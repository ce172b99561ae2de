/* SPDX-License-Identifier: MIT */
#include "common/base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Nothing here may allocate, so neither stdio nor the log. */
static _Noreturn void refused(void)
{
    static char reason[] = ": out of memory\n";
    struct iovec line[] = {
        {.iov_base = program_invocation_short_name,
         .iov_len = strlen(program_invocation_short_name)},
        {.iov_base = reason, .iov_len = sizeof reason - 1},
    };
    ssize_t written = writev(STDERR_FILENO, line, 2);

    (void)written; /* there is nobody left to tell */
    _exit(1);
}

static void *granted(void *memory)
{
    if (!memory)
        refused();
    return memory;
}

/* malloc(0) and realloc(p, 0) may return NULL without being out of memory. */
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *memory_new(size_t size)
{
    return granted(calloc(1, at_least_one(size)));
}

void *memory_array(size_t count, size_t size)
{
    return granted(calloc(at_least_one(count), at_least_one(size)));
}

void *memory_resize(void *old, size_t count, size_t size)
{
    return granted(reallocarray(old, at_least_one(count), at_least_one(size)));
}

char *memory_bytes(const void *bytes, size_t length)
{
    if (length == SIZE_MAX)
        refused();
    char *copy = memory_raw(length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *memory_text(const char *text)
{
    return memory_bytes(text, strlen(text));
}

char *memory_format_list(const char *format, va_list arguments)
{
    char *text;

    if (vasprintf(&text, format, arguments) < 0)
        refused();
    return text;
}

char *memory_format(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    return text;
}

char *memory_extend(char *text, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    char *more = memory_format_list(format, arguments);
    va_end(arguments);
    size_t more_size = strlen(more) + 1;
    char *longer = memory_raw_resize(text, length + more_size);
    memcpy(longer + length, more, more_size);
    free(more);
    return longer;
}

void *memory_raw(size_t size)
{
    return granted(malloc(at_least_one(size)));
}

void *memory_raw_resize(void *old, size_t size)
{
    return granted(realloc(old, at_least_one(size)));
}
