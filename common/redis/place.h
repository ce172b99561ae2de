/* SPDX-License-Identifier: MIT */
/*
 * A host and a port, as people and servers write them. Plain data, pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PLACE_PORT_MAX = 65535 };

/* A host name's 253 bytes and a NUL. */
#define PLACE_HOST_MAX 254

/* "[host]:65535" and a NUL. */
#define PLACE_TEXT_MAX (PLACE_HOST_MAX + 8)

struct place {
    char host[PLACE_HOST_MAX];
    int port;
};

/* What people write: "host", "host:port", "[2001:db8::1]:port". NULL, or what is wrong with it. */
const char *place_read(const char *text, size_t length, int usual_port, struct place *ret_place)
    __attribute__((warn_unused_result));

/* What servers say: a host, an address or a name, and a port. False: it is none. */
bool place_take(const char *host, size_t length, long long port, struct place *ret_place);

bool place_is(const struct place *place, const struct place *other);

/* As people write it. */
void place_print(const struct place *place, char ret_text[static PLACE_TEXT_MAX]);
