/* SPDX-License-Identifier: MIT */
/*
 * How a client tells Redis who it is: AUTH, with the password in the URL or in a file, which is
 * read with each connection, so that one that was renewed, or a token that ends, needs no restart.
 */
#pragma once

#include <stdbool.h>

#include "common/redis/command.h"
#include "common/redis/url.h"

/* False: nobody logs in. */
bool login_command(const struct redis_address *address, struct command *command)
    __attribute__((warn_unused_result));

/* The file's bytes without one newline at the end, the caller's to free; NULL, with the reason,
 * when it will not do. */
char *login_read_password(const char *path, const char **ret_reason);
