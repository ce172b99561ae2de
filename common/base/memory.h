/* SPDX-License-Identifier: MIT */
/*
 * All memory of the programs is asked for here.
 *
 * A service that runs out of memory can do nothing better than stop and be started again: what it
 * had read is pending in Redis and comes back. So these functions never return NULL; when the
 * system refuses, they write one line and end the process with status 1. No caller has a branch for
 * it. Memory is given back with free().
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* `size` zeroed bytes. */
void *memory_new(size_t size);

/* `count` zeroed elements; a product that overflows counts as refused. */
void *memory_array(size_t count, size_t size);

/* Like realloc: what was there stays, what is new is not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of `length` bytes with a NUL behind them. */
char *memory_bytes(const void *bytes, size_t length);

/* A copy of a string. */
char *memory_text(const char *text);

/* A string made as printf makes it. */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_format_list(const char *format, va_list arguments)
    __attribute__((format(printf, 1, 0)));

/* `text`, which it takes over, with more behind it. */
char *memory_extend(char *text, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));

/* Plain malloc and realloc with the same promise, for the libraries that let their allocator be
 * replaced. */
void *memory_raw(size_t size);
void *memory_raw_resize(void *old, size_t size);
