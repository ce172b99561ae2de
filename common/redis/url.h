/* SPDX-License-Identifier: MIT */
/*
 * Where Redis is: redis://[[user]:password@]host[:port][/db], the same with rediss:// for TLS,
 * unix:///path[?db=N], or
 * redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/master[/db]. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/guides.h"

#define REDIS_PORT_DEFAULT 6379

struct redis_address {
    struct guides guides; /* who know where it is; none: it is here */
    char *path;           /* of a unix socket; NULL: TCP */
    char *host;
    int port;
    int database;
    bool tls;
    char *user;                /* NULL: none */
    char *password;            /* NULL: none */
    const char *password_file; /* the settings' own; where it holds one, that one counts */
};

/* NULL, or what is wrong with the text and what to do about it. On NULL the caller owes
 * redis_address_release(). */
const char *redis_url_read(const char *text, struct redis_address *ret_address)
    __attribute__((warn_unused_result));

void redis_address_release(struct redis_address *address);

/* Whether anything of it says where. */
bool redis_address_is_known(const struct redis_address *address);

/* "127.0.0.1:6379" or "/run/redis.sock", or of whom it is learned: for messages, without secrets;
 * the caller frees it. */
char *redis_address_text(const struct redis_address *address);
