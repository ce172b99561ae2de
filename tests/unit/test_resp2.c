/* SPDX-License-Identifier: MIT */
#include "common/redis/resp2.h"

#include <string.h>

#include "common/redis/reply_arena.h"
#include "tests/unit/support.h"

/* Every kind that RESP3 has beside those of RESP2. */
static const char *const foreign[] = {
    "_\r\n",
    "#t\r\n",
    "#f\r\n",
    ",1.5\r\n",
    ",inf\r\n",
    "(3492890328409238509324850943850943825024385\r\n",
    "=7\r\ntxt:abc\r\n",
    "!3\r\nERR\r\n",
    "%1\r\n+a\r\n+b\r\n",
    "%0\r\n",
    "~1\r\n+a\r\n",
    "|1\r\n+a\r\n+b\r\n",
    ">2\r\n+invalidate\r\n*0\r\n",
};

static const char *const known[] = {
    "+OK\r\n", "-ERR no\r\n", ":7\r\n", "$2\r\nab\r\n", "$-1\r\n", "*-1\r\n", "*1\r\n+a\r\n",
};

/* What a reader says to it, as a part of an array or alone. */
static int read_by(redisReader *reader, const char *wire, bool nested)
{
    void *reply = NULL;

    if (nested)
        (void)redisReaderFeed(reader, "*2\r\n:1\r\n", 8);
    (void)redisReaderFeed(reader, wire, strlen(wire));
    int result = redisReaderGetReply(reader, &reply);
    assert_int_equal(reply != NULL, result == REDIS_OK);
    if (reply)
        reader->fn->freeObject(reply);
    return result;
}

static void expect(const char *wire, bool nested, int expected)
{
    struct reply_arena *arena = reply_arena_new(RESP2_ELEMENTS_MAX);
    redisReader *usual = redisReaderCreate(), *ours = redisReaderCreate();

    resp2_only(usual);
    reply_arena_serve(arena, ours);
    if (read_by(usual, wire, nested) != expected || read_by(ours, wire, nested) != expected)
        fail_msg("%s", wire);
    redisReaderFree(usual);
    redisReaderFree(ours);
    reply_arena_free(arena);
}

static void resp3_ends_the_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        expect(foreign[i], false, REDIS_ERR);
        expect(foreign[i], true, REDIS_ERR);
    }
}

/* The innermost of so many arrays is empty. */
static void arrays_in_arrays_have_an_end(void **state)
{
    (void)state;
    expect("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n", false, REDIS_OK);
    expect("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n", false, REDIS_ERR);
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    expect("*16777217\r\n", false, REDIS_ERR);
    expect("*1\r\n*2147483647\r\n", false, REDIS_ERR);
}

static void resp2_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        expect(known[i], false, REDIS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resp3_ends_the_reader),
        cmocka_unit_test(arrays_in_arrays_have_an_end),
        cmocka_unit_test(there_is_room_for_so_many),
        cmocka_unit_test(resp2_is_read),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
