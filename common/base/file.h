/* SPDX-License-Identifier: MIT */
/*
 * Small files, read whole.
 */
#pragma once

#include <stddef.h>

/* Reads a regular file of at most `most` bytes, or /dev/null, which is empty; the caller frees the
 * bytes, behind which a NUL stands. Negative: why not, for file_problem(). */
int file_read(const char *path, size_t most, char **ret_bytes, size_t *ret_length)
    __attribute__((warn_unused_result));

/* What file_read() ran into, in a few words. */
const char *file_problem(int error);
