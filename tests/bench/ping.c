/* SPDX-License-Identifier: MIT */
/*
 * ping SOCKET FIRST_NS EVERY_US COUNT PINGS
 *
 * Beginning at FIRST_NS of the monotonic clock (0: at once), every EVERY_US microseconds, PINGS
 * pings one after the other. In the end prints a line for each time: when it was due to begin, when
 * it began and when the last answer was in, in nanoseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/plain.h"

struct round {
    uint64_t due_ns, began_ns, ended_ns;
};

static void ping(redisContext *redis)
{
    (void)redisAppendCommand(redis, "PING");
    freeReplyObject(plain_reply(redis));
}

int main(int argc, char **argv)
{
    if (argc != 6)
        plain_fail("usage: ping SOCKET FIRST_NS EVERY_US COUNT PINGS");
    uint64_t first_ns = plain_number(argv[2]), every_ns = 1000 * plain_number(argv[3]);
    uint64_t count = plain_number(argv[4]), pings = plain_number(argv[5]);
    redisContext *redis = plain_connect(argv[1]);
    struct round *rounds = calloc(count, sizeof *rounds);

    if (!rounds)
        plain_fail("out of memory");
    ping(redis);
    for (uint64_t i = 0, due_ns = first_ns ? first_ns : plain_now_ns(); i < count; i++) {
        plain_sleep_until(due_ns);
        rounds[i] = (struct round){.due_ns = due_ns, .began_ns = plain_now_ns()};
        for (uint64_t sent = 0; sent < pings; sent++)
            ping(redis);
        rounds[i].ended_ns = plain_now_ns();
        due_ns += every_ns;
        if (due_ns < rounds[i].ended_ns)
            due_ns = rounds[i].ended_ns;
    }
    for (uint64_t i = 0; i < count; i++)
        (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", rounds[i].due_ns, rounds[i].began_ns,
                     rounds[i].ended_ns);
    free(rounds);
    redisFree(redis);
    return 0;
}
