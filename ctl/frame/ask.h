/* SPDX-License-Identifier: MIT */
/*
 * Questions of a command to Redis, one after the other. What goes wrong is told once, here, in one
 * line under the command's name; the caller only ends. Lives on the stack of one command.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdint.h>

#include "common/redis/client.h"
#include "common/redis/script.h"
#include "ctl/frame/command.h"

struct ask {
    const struct ctl_command *command;
    struct client *client;
};

/* Negative: the connection broke, and that was told. 1: Redis refused, and the reply says why. The
 * reply is the caller's to free on 0 and 1. */
int ask_reply(const struct ask *ask, struct command *question, redisReply **ret_reply)
    __attribute__((warn_unused_result));

/* Tells a refusal too, as "WHAT: why"; any negative is the end. */
int ask_for(const struct ask *ask, const char *what, struct command *question,
            redisReply **ret_reply) __attribute__((warn_unused_result));

/* The same of the reply to something that was appended. */
int ask_collect(const struct ask *ask, const char *what, redisReply **ret_reply)
    __attribute__((warn_unused_result));

/* Teaches the script to Redis. */
int ask_load(const struct ask *ask, struct script *script) __attribute__((warn_unused_result));

/* Redis' clock. */
int ask_time(const struct ask *ask, int64_t *ret_ms) __attribute__((warn_unused_result));
