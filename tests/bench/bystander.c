/* SPDX-License-Identifier: MIT */
/*
 * bystander REDIS FIRST_NS EVERY_US COUNT
 *
 * Another client of the same Redis: from FIRST_NS of the monotonic clock on it asks PING every
 * EVERY_US microseconds, COUNT times, and in the end prints a line for each: when it asked and when
 * the answer was in, in nanoseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/plain.h"

struct question {
    uint64_t asked_ns, answered_ns;
};

static struct question ask(redisContext *redis)
{
    struct question question = {.asked_ns = plain_now_ns()};

    (void)redisAppendCommand(redis, "PING");
    freeReplyObject(plain_reply(redis));
    question.answered_ns = plain_now_ns();
    return question;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        plain_fail("usage: bystander REDIS FIRST_NS EVERY_US COUNT");
    uint64_t first_ns = plain_number(argv[2]), every_ns = 1000 * plain_number(argv[3]);
    uint64_t count = plain_number(argv[4]);
    redisContext *redis = plain_connect(argv[1]);
    struct question *questions = calloc(count, sizeof *questions);

    if (!questions)
        plain_fail("out of memory");
    for (uint64_t i = 0; i < count; i++) {
        plain_sleep_until(first_ns + i * every_ns);
        questions[i] = ask(redis);
    }
    for (uint64_t i = 0; i < count; i++)
        (void)printf("%" PRIu64 " %" PRIu64 "\n", questions[i].asked_ns, questions[i].answered_ns);
    free(questions);
    redisFree(redis);
    return 0;
}
