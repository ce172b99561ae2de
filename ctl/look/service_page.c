/* SPDX-License-Identifier: MIT */
#include "ctl/look/service_page.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/base/number.h"
#include "common/service/listen_address.h"

enum { PAGE_MAX = 1 << 20, PATIENCE_MS = 500 };

static const struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};

/* What came until its end, or until the time is over: one who sends a byte at a time holds nobody
 * up. False: there is more. */
static bool read_whole(int fd, char ret_page[static PAGE_MAX + 1])
{
    uint64_t until_ms = monotonic_ms() + PATIENCE_MS;
    size_t length = 0;
    ssize_t got = 1;

    while (length < PAGE_MAX && got > 0 && monotonic_ms() < until_ms) {
        got = read(fd, ret_page + length, PAGE_MAX - length);
        length += got > 0 ? (size_t)got : 0;
    }
    ret_page[length] = '\0';
    return got == 0;
}

/* The connection, or negative. */
static int reach(const char *address, const char *request)
{
    size_t length = strlen(request);
    struct listen_address to;

    if (!listen_address_read(address, &to))
        return -1;
    int fd = socket(to.socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, &to.socket.any, to.length) == 0 &&
        write(fd, request, length) == (ssize_t)length)
        return fd;
    (void)close(fd);
    return -1;
}

char *service_page_read(const char *address, const char *path)
{
    char *request = memory_format("GET %s HTTP/1.0\r\n\r\n", path);
    int fd = reach(address, request);

    free(request);
    if (fd < 0)
        return NULL;
    char *page = memory_new(PAGE_MAX + 1);
    bool is_whole = read_whole(fd, page);
    (void)close(fd);
    const char *body = strstr(page, "\r\n\r\n");
    bool is_page =
        is_whole && body && strncmp(page, "HTTP/1.", 7) == 0 && strncmp(page + 8, " 200 ", 5) == 0;
    char *text = is_page ? memory_text(body + 4) : NULL;
    free(page);
    return text;
}

bool service_page_find(const char *page, const char *sample, double *ret_value)
{
    size_t length = strlen(sample);

    for (const char *line = page; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, sample, length) != 0 || line[length] != ' ')
            continue;
        const char *number = line + length + 1;
        return number_read(number, strcspn(number, " \n"), ret_value);
    }
    return false;
}
