/* SPDX-License-Identifier: MIT */
/*
 * floor REDIS STREAM GROUP CONSUMER
 *
 * The least that anybody can do with a stream: read 500 entries at a time, each time together with
 * the acknowledgement of the last 500, and look at nothing but the ids. In lockstep with Redis.
 */
#include <stdlib.h>

#include "tests/bench/plain.h"

enum { COUNT = 500, HEAD = 3 };

struct ids {
    const char *words[HEAD + COUNT];
    size_t lengths[HEAD + COUNT];
    int count;
};

static void add(struct ids *ids, const char *word, size_t length)
{
    ids->words[ids->count] = word;
    ids->lengths[ids->count++] = length;
}

/* [[stream, [[id, fields], …]]], or nil. The ids point into the reply. */
static void collect(const redisReply *reply, struct ids *ids)
{
    ids->count = HEAD;
    if (reply->type != REDIS_REPLY_ARRAY)
        return;
    const redisReply *entries = reply->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *id = entries->element[i]->element[0];
        add(ids, id->str, id->len);
    }
}

int main(int argc, char **argv)
{
    struct ids ids = {.words = {"XACK", argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : ""}};
    redisReply *page = NULL;

    if (argc != 5)
        plain_fail("usage: floor REDIS STREAM GROUP CONSUMER");
    redisContext *redis = plain_connect(argv[1]);
    for (int i = 0; i < HEAD; i++)
        ids.lengths[i] = __builtin_strlen(ids.words[i]);
    do {
        if (page)
            (void)redisAppendCommandArgv(redis, ids.count, ids.words, ids.lengths);
        (void)redisAppendCommand(redis, "XREADGROUP GROUP %s %s COUNT %d STREAMS %s >", argv[3],
                                 argv[4], COUNT, argv[2]);
        if (page) {
            freeReplyObject(plain_reply(redis));
            freeReplyObject(page);
        }
        page = plain_reply(redis);
        collect(page, &ids);
    } while (ids.count > HEAD);
    freeReplyObject(page);
    redisFree(redis);
    return 0;
}
