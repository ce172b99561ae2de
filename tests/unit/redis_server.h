/* SPDX-License-Identifier: MIT */
/*
 * A true redis-server on a unix socket in a folder of its own, and a connection that waits for each
 * answer: for tests of what Redis itself makes of a script.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include "common/redis/command.h"
#include "common/redis/script.h"

struct redis_server {
    pid_t process;
    char folder[32];
    char socket[64];
    redisContext *connection;
};

void redis_server_start(struct redis_server *server);
void redis_server_stop(struct redis_server *server);

/* Sends the command, its words as in redis-cli, formatted by hiredis. The reply is the caller's. */
redisReply *redis_server_ask(struct redis_server *server, const char *format, ...);

/* The same, and says what must come: "7", "OK", "(nil)", "[a b]", "-ERR why" by its start. */
void redis_server_expect(struct redis_server *server, const char *answer, const char *format, ...);

/* The same for a number: a time to live that has begun to run. */
void redis_server_expect_between(struct redis_server *server, int64_t least, int64_t most,
                                 const char *format, ...);

/* A digest of all keys, and of what is pending for the group, which DEBUG DIGEST leaves out. The
 * text is the caller's. */
char *redis_server_digest(struct redis_server *server, const char *stream, const char *group);

/* Sends a command that is built already, and frees it. */
redisReply *redis_server_send(struct redis_server *server, struct command *command);

/* Teaches it the script, so that script_command() can be sent. */
void redis_server_teach(struct redis_server *server, struct script *script);

/* What a reply says, in the words above; lives until the next call. */
const char *reply_shown(const redisReply *reply);
