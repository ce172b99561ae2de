/* SPDX-License-Identifier: MIT */
#include "common/base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/base/memory.h"

#define NOT_REGULAR ENODEV
#define TOO_LARGE   EFBIG

/* Who names /dev/null, or has a link to it, wants no file. */
static bool is_null(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

static int check_regular(int file)
{
    struct stat status;

    if (fstat(file, &status) != 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    return S_ISREG(status.st_mode) || is_null(&status) ? 0 : -NOT_REGULAR;
}

/* Fills the buffer up to its end or the file's. */
static int read_bytes(int file, char *buffer, size_t room, size_t *ret_length)
{
    size_t length = 0;

    while (length < room) {
        ssize_t got = read(file, buffer + length, room - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *ret_length = length;
    return 0;
}

static int read_open(int file, size_t most, char **ret_bytes, size_t *ret_length)
{
    int result = check_regular(file);

    if (result < 0)
        return result;
    size_t room = most + 1; /* one more byte tells that the file is too large */
    size_t length = 0;
    char *bytes = memory_raw(room + 1);
    result = read_bytes(file, bytes, room, &length);
    if (result == 0 && length > most)
        result = -TOO_LARGE;
    if (result < 0) {
        free(bytes);
        return result;
    }
    bytes[length] = '\0';
    *ret_bytes = bytes;
    *ret_length = length;
    return 0;
}

int file_read(const char *path, size_t most, char **ret_bytes, size_t *ret_length)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO would wait */

    if (file < 0)
        return -errno;
    int result = read_open(file, most, ret_bytes, ret_length);
    close(file);
    return result;
}

const char *file_problem(int error)
{
    assert(error < 0);
    if (error == -NOT_REGULAR)
        return "Not a regular file";
    const char *words = strerrordesc_np(-error);
    return words ? words : "Unknown error";
}
