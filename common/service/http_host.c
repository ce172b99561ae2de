/* SPDX-License-Identifier: MIT */
#include "common/service/http_host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_HERE = 256, LOOPBACK_NET = 127, PORT_DIGITS_MAX = 5 };

static bool is_loopback_v4(struct in_addr address)
{
    return ntohl(address.s_addr) >> 24 == LOOPBACK_NET;
}

static bool is_loopback_v6(const struct in6_addr *address)
{
    return IN6_IS_ADDR_LOOPBACK(address) ||
           (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == LOOPBACK_NET);
}

bool http_host_is_needed(const struct listen_address *address)
{
    return address->socket.any.sa_family == AF_INET6 ? is_loopback_v6(&address->socket.v6.sin6_addr)
                                                     : is_loopback_v4(address->socket.v4.sin_addr);
}

/* What stands behind the name: nothing, or a colon and the digits of a port. */
static bool is_port(const char *text)
{
    size_t digits;

    if (!*text)
        return true;
    digits = strspn(text + 1, "0123456789");
    return *text == ':' && digits <= PORT_DIGITS_MAX && !text[1 + digits];
}

static bool is_named(const char *name, const struct names *names)
{
    for (size_t i = 0; names && i < names->count; i++)
        if (strcasecmp(name, names->list[i]) == 0)
            return true;
    return false;
}

bool http_host_is_ours(const char *host, const struct names *names)
{
    bool bracketed = host[0] == '[';
    size_t length = strcspn(host += bracketed, bracketed ? "]" : ":");
    const char *rest = host + length;
    char name[NAME_MAX_HERE];
    struct in_addr v4;
    struct in6_addr v6;

    if (length >= sizeof name || (bracketed && *rest++ != ']') || !is_port(rest))
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    if (bracketed)
        return inet_pton(AF_INET6, name, &v6) == 1 && is_loopback_v6(&v6);
    return strcasecmp(name, "localhost") == 0 || is_named(name, names) ||
           (inet_pton(AF_INET, name, &v4) == 1 && is_loopback_v4(v4));
}
