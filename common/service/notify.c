/* SPDX-License-Identifier: MIT */
#include "common/service/notify.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/number.h"

enum { MESSAGE_MAX = 1024, TEXT_MAX = 512 };

/* A path, or '@' and a name in the abstract namespace. */
static bool take_address(struct notify *notify, const char *name)
{
    size_t length = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || length < 2 ||
        length >= sizeof notify->address.sun_path)
        return false;
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, name, length + 1);
    notify->address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (name[0] == '@')
        notify->address.sun_path[0] = '\0';
    else
        notify->address_length++; /* the NUL */
    return true;
}

void notify_init(struct notify *notify)
{
    const char *name = getenv("NOTIFY_SOCKET");

    *notify = (struct notify){.file = -1};
    if (name && take_address(notify, name))
        notify->file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

void notify_deinit(struct notify *notify)
{
    if (notify->file >= 0)
        (void)close(notify->file);
    notify->file = -1;
}

static void tell(const struct notify *notify, const char *message)
{
    if (notify->file >= 0)
        (void)!sendto(notify->file, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
                      (const struct sockaddr *)&notify->address, notify->address_length);
}

void notify_ready(const struct notify *notify)
{
    tell(notify, "READY=1");
}

/* A newline would begin another assignment. */
static void make_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ')
            *text = ' ';
}

void notify_status(const struct notify *notify, const char *format, ...)
{
    char text[TEXT_MAX];
    char message[MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    make_one_line(text);
    (void)snprintf(message, sizeof message, "STATUS=%s", text);
    tell(notify, message);
}

void notify_reloading(const struct notify *notify)
{
    struct timespec now;
    char message[MESSAGE_MAX];

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    tell(notify, message);
}

void notify_stopping(const struct notify *notify)
{
    tell(notify, "STOPPING=1");
}

void notify_extend_start(const struct notify *notify, uint64_t usec)
{
    char message[MESSAGE_MAX];

    (void)snprintf(message, sizeof message, "EXTEND_TIMEOUT_USEC=%llu", (unsigned long long)usec);
    tell(notify, message);
}

void notify_watchdog(const struct notify *notify)
{
    tell(notify, "WATCHDOG=1");
}

static bool read_positive(const char *name, int64_t *ret_value)
{
    const char *text = getenv(name);
    int64_t value;

    if (!text || !number_read_integer(text, strlen(text), &value) || value <= 0)
        return false;
    *ret_value = value;
    return true;
}

uint64_t notify_watchdog_usec(void)
{
    int64_t usec, process;

    if (!read_positive("WATCHDOG_USEC", &usec))
        return 0;
    if (getenv("WATCHDOG_PID") && (!read_positive("WATCHDOG_PID", &process) || process != getpid()))
        return 0;
    return (uint64_t)usec;
}
