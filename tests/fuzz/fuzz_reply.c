/* SPDX-License-Identifier: MIT */
/*
 * Bytes from Redis: read by hiredis as it is and by hiredis with our arena, which must come to the
 * same; and each reply through all readers that take one.
 */
#include <string.h>

#include "common/redis/reply.h"
#include "common/redis/reply_arena.h"
#include "common/redis/resp2.h"
#include "router/act/commit.h"
#include "router/act/router_look.h"
#include "tests/fuzz/target.h"

/* hiredis itself would ask for memory for so many elements before the first one has come. */
static bool claims_too_much(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t digits = 0;
        if (bytes[i] != '*')
            continue;
        while (i + 1 + digits < length && bytes[i + 1 + digits] != '\r')
            digits++;
        if (digits > 5)
            return true;
    }
    return false;
}

static bool same(const redisReply *a, const redisReply *b)
{
    if (!a || !b || a->type != b->type)
        return a == b;
    switch (a->type) {
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < a->elements && i < b->elements; i++)
            if (!same(a->element[i], b->element[i]))
                return false;
        return a->elements == b->elements;
    case REDIS_REPLY_INTEGER:
        return a->integer == b->integer;
    case REDIS_REPLY_NIL:
        return true;
    default:
        return a->len == b->len && memcmp(a->str, b->str, (size_t)a->len + 1) == 0;
    }
}

static void read_one(const redisReply *reply)
{
    struct stream_id id;
    struct reply_text text;
    char copy[16], shown[STREAM_ID_TEXT_MAX];
    int64_t value;

    (void)reply_is_error_code(reply, "BUSYGROUP");
    MUST(*reply_complaint(reply) || reply_is_error(reply));
    if (reply_read_text(reply, &text))
        MUST(reply_copy_text(reply, copy, sizeof copy) == (text.length < sizeof copy));
    if (reply_read_integer(reply, &value) && reply->type != REDIS_REPLY_INTEGER)
        MUST(text.length >= 1 && text.length <= 20);
    if (reply_read_stream_id(reply, &id)) {
        stream_id_print(id, shown);
        MUST(strlen(shown) >= 3);
    }
    for (size_t i = 0; i <= reply->elements; i++)
        MUST((reply_element(reply, i) != NULL) == (reply_is_array(reply, i + 1)));
}

static void read_snapshot(const redisReply *reply, size_t candidates)
{
    struct snapshot snapshot;

    if (!router_look_read(reply, candidates, &snapshot))
        return;
    MUST(strlen(snapshot.marked) == candidates || candidates > 0);
    MUST(snapshot.marked && snapshot.cooling && snapshot.super_times && snapshot.day_counts &&
         snapshot.minute_counts);
    MUST(strlen(snapshot.open_seen) <= snapshot.open_seen_length);
    MUST(snapshot.capacity.published_minute >= 0);
    if (candidates == 0)
        router_look_read_held(reply, reply, &(struct window){0}, &snapshot);
    MUST(strlen(snapshot.held) == candidates && snapshot.held_values);
    MUST(snapshot.holdings.state == HOLDINGS_KNOWN || snapshot.capacity.positions_unknown ||
         candidates > 0);
    MUST(snapshot.capacity.published_today >= 0 && snapshot.kept_published_since >= 0);
    snapshot_release(&snapshot);
}

static void read_all(const redisReply *reply)
{
    struct commit_answer answer;
    char *ids = NULL;

    read_one(reply);
    for (size_t candidates = 0; candidates < 3; candidates++)
        read_snapshot(reply, candidates);
    commit_read(reply, &answer, &ids);
    MUST((answer.outcome == COMMIT_DONE) == (ids != NULL));
    MUST(answer.outcome != COMMIT_UNKNOWN);
    free(ids);
}

/* Until one of the two has nothing more to say: both, then. */
static void read_both(redisReader *usual, redisReader *ours)
{
    void *expected, *reply;

    for (;;) {
        int usual_ended = redisReaderGetReply(usual, &expected);
        int ours_ended = redisReaderGetReply(ours, &reply);
        MUST(usual_ended == ours_ended && !expected == !reply);
        if (usual_ended != REDIS_OK || !reply)
            return;
        MUST(same(expected, reply));
        read_all(reply);
        freeReplyObject(expected);
        ours->fn->freeObject(reply);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (claims_too_much(bytes, length))
        return -1;
    struct reply_arena *arena = reply_arena_new(RESP2_ELEMENTS_MAX);
    redisReader *usual = redisReaderCreate(), *ours = redisReaderCreate();

    resp2_only(usual);
    reply_arena_serve(arena, ours);
    /* In two pieces, as they may come. */
    for (size_t half = 0; half < 2; half++) {
        size_t from = half * (length / 2), to = half ? length : length / 2;
        (void)redisReaderFeed(usual, (const char *)bytes + from, to - from);
        (void)redisReaderFeed(ours, (const char *)bytes + from, to - from);
        read_both(usual, ours);
    }
    redisReaderFree(usual);
    redisReaderFree(ours);
    reply_arena_free(arena);
    return 0;
}
