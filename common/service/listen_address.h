/* SPDX-License-Identifier: MIT */
/*
 * Where a service listens, as one types it: "127.0.0.1:8058", "[::1]:8058", "localhost:8058". No
 * other names, so that nothing is looked up. Pure.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct listen_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
    socklen_t length;
};

/* What listen_address_read() takes, for messages. */
#define LISTEN_ADDRESS_FORM "host:port, as in 127.0.0.1:8058, [::1]:8058 or localhost:8058"

bool listen_address_read(const char *text, struct listen_address *ret_address);
