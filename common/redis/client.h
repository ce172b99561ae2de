/* SPDX-License-Identifier: MIT */
/*
 * One connection to Redis for tools: it waits for each answer, and nothing runs beside it.
 *
 * client_open() connects and logs in; then commands are asked one by one, or appended, flushed and
 * their replies collected in order. The first thing that goes wrong with the connection stays:
 * everything after it fails too, and client_error() says what it was. Programs ignore SIGPIPE.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/command.h"
#include "common/redis/settings.h"

struct client;

/* The settings outlive the client; `name` is for CLIENT LIST and has no blanks. */
struct client *client_new(const struct redis_settings *settings, const char *name);
void client_free(struct client *client);

/* Negative: Redis cannot be reached, or did not let us in. */
int client_open(struct client *client) __attribute__((warn_unused_result));

/* Hands the command over and frees what it holds; it leaves when the client is flushed or asked. */
void client_append(struct client *client, struct command *command);

/* Writes out what was appended. */
int client_flush(struct client *client) __attribute__((warn_unused_result));

/* The reply to the oldest command without one, error replies included; the caller's to free. */
int client_collect(struct client *client, redisReply **ret_reply)
    __attribute__((warn_unused_result));

/* Appends, and collects the reply; nothing else may be without one. */
int client_ask(struct client *client, struct command *command, redisReply **ret_reply)
    __attribute__((warn_unused_result));

/* When the certificate of this connection ends that ends first, in ms since 1970, and whether it is
 * ours; 0: there is none. */
int64_t client_certificate_end_ms(const struct client *client, bool *ret_is_ours);

/* What went wrong, with the address: "Redis at 127.0.0.1:6379: Connection refused". Lives as long
 * as the client. */
const char *client_error(const struct client *client);

/* The same without the address, in the words of Redis or of the system. */
const char *client_reason(const struct client *client);
