/* SPDX-License-Identifier: MIT */
/*
 * fill REDIS STREAM COUNT FIRST PASSING SYMBOLS FIRST_MS
 *
 * Adds signals number FIRST and up of the deck, as fast as Redis takes them. With FIRST_MS their
 * ids begin there, ten to a millisecond; with 0 Redis gives the ids.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/deck.h"
#include "tests/bench/plain.h"

enum { BATCH = 500, PER_MS = 10, HEAD_MAX = 300 };

struct fill {
    redisContext *redis;
    const char *stream;
    struct deck deck;
    uint64_t first, first_ms;
};

static void append(const struct fill *fill, uint64_t at)
{
    char id[64] = "*";
    char bytes[HEAD_MAX + DECK_BYTES_MAX];

    if (fill->first_ms)
        (void)snprintf(id, sizeof id, "%" PRIu64 "-%" PRIu64, fill->first_ms + at / PER_MS,
                       at % PER_MS);
    int head = snprintf(bytes, HEAD_MAX, "*%d\r\n$4\r\nXADD\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n",
                        3 + DECK_WORDS, strlen(fill->stream), fill->stream, strlen(id), id);
    if (head <= 0 || head >= HEAD_MAX)
        plain_fail("'%s' is too long", fill->stream);
    size_t length = deck_write(&fill->deck, fill->first + at, bytes + head);
    if (redisAppendFormattedCommand(fill->redis, bytes, (size_t)head + length) != REDIS_OK)
        plain_fail("Redis: %s", fill->redis->errstr);
}

/* Two batches under way, so that neither side waits for the other. */
static void fill_all(const struct fill *fill, uint64_t count)
{
    uint64_t sent = 0, answered = 0;

    while (answered < count) {
        for (uint64_t end = sent + BATCH; sent < count && sent < end; sent++)
            append(fill, sent);
        plain_flush(fill->redis);
        for (uint64_t left = sent < count ? BATCH : 0; sent - answered > left; answered++)
            freeReplyObject(plain_reply(fill->redis));
    }
}

int main(int argc, char **argv)
{
    if (argc != 8)
        plain_fail("usage: fill REDIS STREAM COUNT FIRST PASSING SYMBOLS FIRST_MS");
    const struct fill fill = {
        .redis = plain_connect(argv[1]),
        .stream = argv[2],
        .first = plain_number(argv[4]),
        .deck = {.passing = plain_number(argv[5]),
                 .symbols = plain_number(argv[6]),
                 .low = 0.7501,
                 .high = 0.99},
        .first_ms = plain_number(argv[7]),
    };
    fill_all(&fill, plain_number(argv[3]));
    redisFree(fill.redis);
    return 0;
}
