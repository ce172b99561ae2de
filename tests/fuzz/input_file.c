/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

const char *input_file(const void *bytes, size_t length)
{
    static char path[64];
    static int file = -1;

    if (file < 0) {
        file = memfd_create("input", 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    MUST(file >= 0);
    MUST(ftruncate(file, 0) == 0);
    MUST(pwrite(file, bytes, length, 0) == (ssize_t)length);
    return path;
}
