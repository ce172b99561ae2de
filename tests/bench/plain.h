/* SPDX-License-Identifier: MIT */
/*
 * What the small programs of the benchmark share: a waiting connection to Redis, the clock, and
 * words of the command line. Whatever goes wrong ends the process with status 1 and one line: a
 * measurement that is not sound is none.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdint.h>

/* A unix socket's path, or a port of this machine. */
redisContext *plain_connect(const char *place);

/* The next reply, which is no error; the caller's to free. */
redisReply *plain_reply(redisContext *redis);

/* Writes out what was appended. */
void plain_flush(redisContext *redis);

/* A whole number that is not negative. */
uint64_t plain_number(const char *word);

uint64_t plain_now_ns(void); /* monotonic */
void plain_sleep_until(uint64_t then_ns);

__attribute__((noreturn, format(printf, 1, 2))) void plain_fail(const char *format, ...);
