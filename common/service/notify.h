/* SPDX-License-Identifier: MIT */
/*
 * What a service tells systemd about itself: the protocol of sd_notify(3), by hand.
 *
 * Datagrams to the socket that $NOTIFY_SOCKET names; without it every call does nothing. Nothing
 * here waits or fails: a message that does not get through is lost, and the next one tells more.
 * Embedded in the program.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int file; /* negative: nobody wants to know */
    struct sockaddr_un address;
    socklen_t address_length;
};

void notify_init(struct notify *notify);
void notify_deinit(struct notify *notify);

void notify_ready(const struct notify *notify);

/* One line for `systemctl status`. */
void notify_status(const struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A reload begins; notify_ready() ends it. */
void notify_reloading(const struct notify *notify);
void notify_stopping(const struct notify *notify);

/* The start may take so much longer from now. */
void notify_extend_start(const struct notify *notify, uint64_t usec);
void notify_watchdog(const struct notify *notify);

/* How often systemd wants to hear notify_watchdog(), at least; 0: it does not, or not from this
 * process. */
uint64_t notify_watchdog_usec(void);
