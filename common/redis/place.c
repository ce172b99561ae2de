/* SPDX-License-Identifier: MIT */
#include "common/redis/place.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/number.h"

static const char bad_port[] = "has a bad port (1 to 65535)";
static const char no_host[] = "names no host (redis://host:port/db)";
static const char long_host[] = "has a host name of over 253 bytes";

/* Where the host ends and where the port begins; `port` NULL: there is none. */
struct parts {
    const char *host, *host_end, *port;
};

static const char *split(const char *text, const char *end, struct parts *ret_parts)
{
    const char *colon = memrchr(text, ':', (size_t)(end - text));

    *ret_parts = (struct parts){text, colon ? colon : end, colon ? colon + 1 : NULL};
    if (text == end || *text != '[')
        return NULL;
    const char *bracket = memchr(text, ']', (size_t)(end - text));
    if (!bracket)
        return no_host;
    if (bracket + 1 < end && bracket[1] != ':')
        return bad_port;
    *ret_parts = (struct parts){text + 1, bracket, bracket + 1 < end ? bracket + 2 : NULL};
    return NULL;
}

const char *place_read(const char *text, size_t length, int usual_port, struct place *ret_place)
{
    const char *end = text + length;
    struct parts parts;
    int64_t port = usual_port;
    const char *complaint = split(text, end, &parts);

    if (complaint)
        return complaint;
    if (parts.port && (!number_read_integer(parts.port, (size_t)(end - parts.port), &port) ||
                       port < 1 || port > PLACE_PORT_MAX))
        return bad_port;
    size_t host_length = (size_t)(parts.host_end - parts.host);
    if (host_length == 0)
        return no_host;
    if (host_length >= PLACE_HOST_MAX)
        return long_host;
    *ret_place = (struct place){.port = (int)port};
    memcpy(ret_place->host, parts.host, host_length);
    return NULL;
}

bool place_take(const char *host, size_t length, long long port, struct place *ret_place)
{
    if (length == 0 || length >= PLACE_HOST_MAX || port < 1 || port > PLACE_PORT_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (host[i] <= ' ' || host[i] > '~')
            return false;
    *ret_place = (struct place){.port = (int)port};
    memcpy(ret_place->host, host, length);
    return true;
}

bool place_is(const struct place *place, const struct place *other)
{
    return place->port == other->port && strcmp(place->host, other->host) == 0;
}

void place_print(const struct place *place, char ret_text[static PLACE_TEXT_MAX])
{
    bool bare_ipv6 = strchr(place->host, ':') != NULL;

    (void)snprintf(ret_text, PLACE_TEXT_MAX, bare_ipv6 ? "[%s]:%d" : "%s:%d", place->host,
                   place->port);
}
