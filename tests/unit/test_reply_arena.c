/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/redis/reply_arena.h"
#include "common/redis/resp2.h"

static redisReader *reader;
static struct reply_arena *arena;

static int open_both(void **state)
{
    (void)state;
    reader = redisReaderCreate();
    arena = reply_arena_new(RESP2_ELEMENTS_MAX);
    reply_arena_serve(arena, reader);
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    redisReaderFree(reader);
    reply_arena_free(arena);
    return 0;
}

/* Feeds it in pieces of this size. */
static redisReply *read_in(const char *wire, size_t length, size_t piece)
{
    void *reply = NULL;

    for (size_t at = 0; at < length; at += piece) {
        assert_null(reply);
        size_t rest = length - at;
        assert_int_equal(redisReaderFeed(reader, wire + at, rest < piece ? rest : piece), REDIS_OK);
        assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
    }
    assert_non_null(reply);
    return reply;
}

static void let_go(redisReply *reply)
{
    reader->fn->freeObject(reply);
}

static void builds_every_shape_in_any_pieces(void **state)
{
    static const char wire[] = "*5\r\n$3\r\na\0b\r\n:-7\r\n*2\r\n+OK\r\n-ERR no\r\n$-1\r\n*0\r\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof wire; piece++) {
        redisReply *reply = read_in(wire, sizeof wire - 1, piece);
        assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
        assert_int_equal(reply->elements, 5);
        assert_int_equal(reply->element[0]->type, REDIS_REPLY_STRING);
        assert_int_equal(reply->element[0]->len, 3);
        assert_memory_equal(reply->element[0]->str, "a\0b", 4);
        assert_int_equal(reply->element[1]->integer, -7);
        assert_int_equal(reply->element[2]->elements, 2);
        assert_int_equal(reply->element[2]->element[0]->type, REDIS_REPLY_STATUS);
        assert_string_equal(reply->element[2]->element[1]->str, "ERR no");
        assert_int_equal(reply->element[3]->type, REDIS_REPLY_NIL);
        assert_int_equal(reply->element[4]->elements, 0);
        let_go(reply);
    }
}

/* Far more than a block, and then as before. */
static void a_large_reply_takes_more_and_gives_it_back(void **state)
{
    enum { LENGTH = 3000000 };
    char *wire = memory_raw(LENGTH + 64);
    int printed = snprintf(wire, 64, "*2\r\n$1\r\nx\r\n$%d\r\n", LENGTH);
    size_t head = (size_t)printed;

    (void)state;
    assert_in_range(printed, 1, 63);
    memset(wire + head, 'y', LENGTH);
    memcpy(wire + head + LENGTH, "\r\n", 2);
    for (int round = 0; round < 3; round++) {
        redisReply *reply = read_in(wire, head + LENGTH + 2, 65536);
        assert_int_equal(reply->element[1]->len, LENGTH);
        assert_int_equal(reply->element[1]->str[LENGTH - 1], 'y');
        assert_string_equal(reply->element[0]->str, "x");
        let_go(reply);
        reply = read_in(":1\r\n", 4, 4);
        assert_int_equal(reply->integer, 1);
        let_go(reply);
    }
    free(wire);
}

static void a_claim_of_too_many_elements_is_refused(void **state)
{
    static const char *const claims[] = {"*2147483647\r\n", "*1\r\n*16777217\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        void *reply = NULL;
        (void)redisReaderFeed(reader, claims[i], strlen(claims[i]));
        assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_ERR);
        assert_null(reply);
        (void)close_both(NULL);
        (void)open_both(NULL);
    }
}

static int result_of(const char *wire)
{
    void *reply = NULL;

    (void)redisReaderFeed(reader, wire, strlen(wire));
    int result = redisReaderGetReply(reader, &reply);
    if (reply)
        reader->fn->freeObject(reply);
    return result;
}

/* But for an error, with which a server turns somebody away. */
static void a_reply_that_nobody_asked_for_is_refused(void **state)
{
    redisCallback question = {0};
    redisAsyncContext context = {.c.reader = reader};

    (void)state;
    reply_arena_serve_async(arena, &context);
    context.replies.head = &question;
    assert_int_equal(result_of("*2\r\n:1\r\n+a\r\n"), REDIS_OK);
    context.replies.head = NULL;
    assert_int_equal(result_of("-ERR max number of clients reached\r\n"), REDIS_OK);
    assert_int_equal(result_of(":1\r\n"), REDIS_ERR);
}

/* A connection ends in the middle of a reply; the next one takes the arena over. */
static void half_a_reply_leaves_nothing_behind(void **state)
{
    static const char half[] = "*3\r\n$5\r\nhello\r\n:1\r\n";
    void *reply = NULL;

    (void)state;
    (void)redisReaderFeed(reader, half, sizeof half - 1);
    assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
    assert_null(reply);
    redisReaderFree(reader);
    reader = redisReaderCreate();
    reply_arena_serve(arena, reader);
    redisReply *whole = read_in("+PONG\r\n", 7, 7);
    assert_string_equal(whole->str, "PONG");
    let_go(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(builds_every_shape_in_any_pieces, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_large_reply_takes_more_and_gives_it_back, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(a_claim_of_too_many_elements_is_refused, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(a_reply_that_nobody_asked_for_is_refused, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(half_a_reply_leaves_nothing_behind, open_both, close_both),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("test_reply_arena", tests, NULL, NULL);
}
