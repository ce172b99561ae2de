/* SPDX-License-Identifier: MIT */
#include "common/redis/dial.h"

#include <netdb.h>
#include <stddef.h>

/* Of what it fails by, hiredis tells. */
static struct addrinfo *addresses_of(const char *host)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;

    return getaddrinfo(host, NULL, &hints, &list) == 0 ? list : NULL;
}

static redisContext *dial_one(const struct addrinfo *address, int port, struct timeval timeout)
{
    char text[NI_MAXHOST];

    if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0,
                    NI_NUMERICHOST) != 0)
        return NULL;
    return redisConnectWithTimeout(text, port, timeout);
}

redisContext *dial(const char *host, int port, struct timeval timeout)
{
    struct addrinfo *list = addresses_of(host);
    redisContext *context = NULL;

    for (const struct addrinfo *at = list; at && (!context || context->err); at = at->ai_next) {
        if (context)
            redisFree(context);
        context = dial_one(at, port, timeout);
    }
    if (list)
        freeaddrinfo(list);
    return context ? context : redisConnectWithTimeout(host, port, timeout);
}
