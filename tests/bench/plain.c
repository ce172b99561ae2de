/* SPDX-License-Identifier: MIT */
#include "tests/bench/plain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/number.h"

enum { SECOND_NS = 1000000000 };

void plain_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}

redisContext *plain_connect(const char *place)
{
    redisContext *redis = place[0] == '/' ? redisConnectUnix(place)
                                          : redisConnect("127.0.0.1", (int)plain_number(place));

    if (!redis || redis->err)
        plain_fail("%s: %s", place, redis ? redis->errstr : "out of memory");
    return redis;
}

redisReply *plain_reply(redisContext *redis)
{
    void *reply = NULL;

    if (redisGetReply(redis, &reply) != REDIS_OK)
        plain_fail("Redis: %s", redis->errstr);
    const redisReply *got = reply;
    if (got->type == REDIS_REPLY_ERROR)
        plain_fail("Redis: %s", got->str);
    return reply;
}

void plain_flush(redisContext *redis)
{
    int done = 0;

    while (!done)
        if (redisBufferWrite(redis, &done) != REDIS_OK)
            plain_fail("Redis: %s", redis->errstr);
}

uint64_t plain_number(const char *word)
{
    int64_t number;

    if (!number_read_integer(word, strlen(word), &number) || number < 0)
        plain_fail("'%s' is no whole number", word);
    return (uint64_t)number;
}

uint64_t plain_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

void plain_sleep_until(uint64_t then_ns)
{
    struct timespec then = {(time_t)(then_ns / SECOND_NS), (long)(then_ns % SECOND_NS)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) == EINTR)
        continue;
}
