/* SPDX-License-Identifier: MIT */
#include "common/service/listen_address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "common/base/number.h"

enum { HOST_MAX = 64, PORT_MAX = 65535 };

static bool read_port(const char *text, in_port_t *ret_port)
{
    int64_t port;

    if (!number_read_integer(text, strlen(text), &port) || port < 1 || port > PORT_MAX)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

/* The host without the brackets of an IPv6 literal. */
static bool read_host(const char *text, size_t length, bool *ret_bracketed,
                      char ret_host[static HOST_MAX])
{
    bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';

    if (bracketed) {
        text++;
        length -= 2;
    }
    if (length == 0 || length >= HOST_MAX)
        return false;
    memcpy(ret_host, text, length);
    ret_host[length] = '\0';
    *ret_bracketed = bracketed;
    return true;
}

bool listen_address_read(const char *text, struct listen_address *ret_address)
{
    const char *colon = strrchr(text, ':');
    struct listen_address address = {0};
    char host[HOST_MAX];
    bool bracketed;
    in_port_t port;

    if (!colon || !read_port(colon + 1, &port) ||
        !read_host(text, (size_t)(colon - text), &bracketed, host))
        return false;
    const char *numeric = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (!bracketed && inet_pton(AF_INET, numeric, &address.socket.v4.sin_addr) == 1) {
        address.socket.v4.sin_family = AF_INET;
        address.socket.v4.sin_port = port;
        address.length = sizeof address.socket.v4;
    } else if (bracketed && inet_pton(AF_INET6, host, &address.socket.v6.sin6_addr) == 1) {
        address.socket.v6.sin6_family = AF_INET6;
        address.socket.v6.sin6_port = port;
        address.length = sizeof address.socket.v6;
    } else {
        return false;
    }
    *ret_address = address;
    return true;
}
