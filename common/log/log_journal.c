/* SPDX-License-Identifier: MIT */
#include "common/log/log_journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static struct {
    int socket;
    struct sockaddr_un address;
} journal = {.socket = -1};

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
        return false;
    char ours[64];
    (void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    return strcmp(stream, ours) == 0;
}

/* Tests bring a socket of their own. */
static bool find_address(void)
{
    const char *path = getenv("QUANTUM_JOURNAL_SOCKET");
    if (path == NULL || *path == '\0')
        path = JOURNAL_SOCKET;
    size_t length = strlen(path);
    if (length >= sizeof(journal.address.sun_path) || access(path, W_OK) != 0)
        return false;
    journal.address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(journal.address.sun_path, path, length);
    return true;
}

bool log_journal_init(void)
{
    if (journal.socket >= 0)
        close(journal.socket);
    journal.socket = -1;
    if (stderr_is_journal() && find_address())
        journal.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return journal.socket >= 0;
}

/* Addressed anew each time instead of connected once, so that a journal that was restarted is found
 * again. */
bool log_journal_send(const char *fields, size_t length)
{
    ssize_t sent = sendto(journal.socket, fields, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                          (const struct sockaddr *)&journal.address, sizeof(journal.address));
    return sent == (ssize_t)length;
}
