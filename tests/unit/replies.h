/* SPDX-License-Identifier: MIT */
/*
 * Replies as hiredis makes them from the bytes of a test, and commands as Redis would read them:
 * both are trees of redisReply, which the caller frees with freeReplyObject().
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "common/redis/command.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* One whole reply. */
redisReply *reply_of(const char *wire);
redisReply *reply_of_bytes(const char *wire, size_t length);

/* An array of these texts; closed by NULL. */
redisReply *reply_of_texts(const char *text, ...) __attribute__((sentinel));

/* The command's arguments. Frees the command. */
redisReply *heard(struct command *command);

/* The element is this text. */
void expect_element(const redisReply *array, size_t index, const char *expected);

/* From this index on, the array has these texts and nothing more; closed by NULL. */
void expect_texts(const redisReply *array, size_t from, ...) __attribute__((sentinel));
