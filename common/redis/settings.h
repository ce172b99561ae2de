/* SPDX-License-Identifier: MIT */
/*
 * The options that every program has for its connection to Redis, and the address that comes out of
 * them. Embedded in a program's settings; redis_settings_release() when the options go.
 */
#pragma once

#include "common/options/options.h"
#include "common/redis/tls.h"
#include "common/redis/url.h"

struct redis_settings {
    char *url;
    char *host;
    int64_t port;
    char *password_file;
    char *tls_ca;
    char *tls_cert;
    char *tls_key;
    struct names sentinels;
    char *sentinel_master;
    char *sentinel_password_file;
    struct names nodes;
    int64_t connect_timeout_ms;
    int64_t reply_timeout_ms;
    int64_t backoff_min_ms;
    int64_t backoff_max_ms;
    struct redis_address address; /* what the above come to */
    struct tls_files tls_files;
};

/* The rows; the group's base is where the struct lies in the program's settings. */
enum { REDIS_OPTION_COUNT = 15 };
extern const struct option_row redis_option_rows[];

/* Fills in `address`, which must be zeroed or filled in before, or complains. */
void redis_settings_check(struct redis_settings *settings, const struct options *options,
                          struct complaints *complaints);

/* A try to connect, at most: backoff, name, connection, then PING, the group, the scripts and what
 * else a session begins with. */
uint64_t redis_settings_try_ms(const struct redis_settings *settings);

void redis_settings_release(struct redis_settings *settings);

/* Warns of files that everybody on this host may read, and that hold a password of Redis: the
 * configuration, the files of variables that were given, and those that lie beside it for the
 * units. A password file that others may read is refused; these are only warned of, for the
 * services must start as they did before. */
void redis_exposed_warn(const struct options *options, struct complaints *warnings);
