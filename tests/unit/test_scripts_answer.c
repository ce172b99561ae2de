/* SPDX-License-Identifier: MIT */
/* What Redis makes of answer.lua: an adapter's answer changes what is kept once, and is ACKed. */
#include <stdio.h>
#include <stdlib.h>

#include "executor/act/scripts.h"
#include "tests/unit/shared_server.h"
#include "tests/unit/support.h"

#define EXPECT_BETWEEN(least, most, ...)                                                           \
    redis_server_expect_between(&shared_server, least, most, __VA_ARGS__)
#define ANSWER "EVAL %s 6 answers positions exits open results refused g 9-0 1000 "
#define RESULT " 60 2 status filled "

/* Two positions and an exit that were handed over, and an answer that is pending. */
static int renew(void **state)
{
    (void)state;
    EXPECT("OK", "FLUSHALL");
    EXPECT("2", "HSET positions 1-0 asked 2-0 open");
    EXPECT("1", "HSET exits 3-0 asked");
    EXPECT("OK", "SET open 2");
    EXPECT("9-0", "XADD answers 9-0 f v");
    EXPECT("OK", "XGROUP CREATE answers g 0");
    freeReplyObject(redis_server_ask(&shared_server, "XREADGROUP GROUP g c STREAMS answers >"));
    return 0;
}

static void expect_acked(void)
{
    EXPECT("[0 (nil) (nil) (nil)]", "XPENDING answers g");
}

static void a_filled_order_becomes_a_position(void **state)
{
    (void)state;
    EXPECT("[done 2]", ANSWER "keep" RESULT "positions 1-0 asked filled", answer_lua);
    EXPECT("filled", "HGET positions 1-0");
    EXPECT("2", "GET open");
    EXPECT("1", "XLEN results");
    expect_acked();
}

static void a_rejected_one_goes(void **state)
{
    (void)state;
    EXPECT("[done 1]", ANSWER "was" RESULT "positions 1-0 asked %s", answer_lua, "");
    EXPECT("[2-0]", "HKEYS positions");
    EXPECT("1", "GET open");
    EXPECT("was", "GET refused");
    EXPECT_BETWEEN(58, 60, "TTL refused");
    expect_acked();
}

static void an_exit_takes_its_positions_with_it(void **state)
{
    (void)state;
    EXPECT("[done 0]",
           ANSWER "keep" RESULT "exits 3-0 asked %s positions 1-0 asked %s positions 2-0 open %s",
           answer_lua, "", "", "");
    EXPECT("0", "EXISTS positions exits");
    EXPECT("0", "GET open");
    EXPECT("1", "XLEN results");
    expect_acked();
}

/* It belongs to nothing that is kept: open orders are counted again, and no more. */
static void one_that_nobody_waits_for_is_only_acked(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 7");
    EXPECT("[done 2]", ANSWER "keep 60 0", answer_lua);
    EXPECT("2", "GET open");
    EXPECT("0", "EXISTS results");
    expect_acked();
}

static void expect_nothing(const char *answer, const char *was)
{
    char *before = redis_server_digest(&shared_server, "answers", "g");

    EXPECT(answer, ANSWER "keep" RESULT "positions 1-0 %s filled", answer_lua, was);
    char *after = redis_server_digest(&shared_server, "answers", "g");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* All or nothing: the first of these is as it was. */
static void what_changed_of_several_is_looked_at_again(void **state)
{
    char *before = redis_server_digest(&shared_server, "answers", "g");

    (void)state;
    EXPECT("[moved]",
           ANSWER "keep" RESULT "exits 3-0 asked %s positions 2-0 open %s positions 1-0 x %s",
           answer_lua, "", "", "");
    EXPECT("[moved]", ANSWER "keep" RESULT "positions 1-0 %s x", answer_lua, "");
    char *after = redis_server_digest(&shared_server, "answers", "g");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void one_that_was_refused_comes_back(void **state)
{
    (void)state;
    EXPECT("OK", "SET refused was");
    EXPECT("[done 3]", ANSWER "drop" RESULT "positions 4-0 %s filled", answer_lua, "");
    EXPECT("filled", "HGET positions 4-0");
    EXPECT("3", "GET open");
    EXPECT("0", "EXISTS refused");
}

/* Whatever lies where it is remembered, the answer counts. */
static void what_is_remembered_is_in_nobodys_way(void **state)
{
    (void)state;
    EXPECT("1", "SADD refused x");
    EXPECT("[done 1]", ANSWER "was" RESULT "positions 1-0 asked %s", answer_lua, "");
    EXPECT("was", "GET refused");
}

/* What nobody has in hand, and was given out, goes; whole nodes of the stream at a time. */
static void what_is_settled_is_trimmed(void **state)
{
    static const char more[] = "for i = 1, 500 do redis.call('XADD', KEYS[1], (10 + i) .. '-0', "
                               "'f', 'v') end return redis.call('XLEN', KEYS[1])";

    (void)state;
    EXPECT("501", "EVAL %s 1 answers", more);
    freeReplyObject(
        redis_server_ask(&shared_server, "XREADGROUP GROUP g c COUNT 300 STREAMS answers >"));
    EXPECT("[done 2]", ANSWER "keep 60 0", answer_lua);
    EXPECT("501", "XLEN answers"); /* the next one is pending */
    EXPECT("250", "EVAL %s 1 answers",
           "local n = 0 for i = 11, 260 do n = n + redis.call('XACK', KEYS[1], 'g', i .. '-0') end "
           "return n");
    EXPECT("[done 2]",
           "EVAL %s 6 answers positions exits open results refused g 261-0 1000 keep 60 0",
           answer_lua);
    EXPECT_BETWEEN(250, 350, "XLEN answers"); /* up to the one behind it */
    EXPECT("[[262-0 [f v]]]", "XRANGE answers 262-0 262-0");
}

static void expect_refused(const char *why)
{
    char *before = redis_server_digest(&shared_server, "answers", "g");

    EXPECT(why, ANSWER "was" RESULT "positions 1-0 asked filled", answer_lua);
    char *after = redis_server_digest(&shared_server, "answers", "g");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void keys_of_a_wrong_type(void **state)
{
    static const char *const keys[] = {"positions", "exits", "results"};
    char why[64];

    for (size_t i = 0; i < COUNT(keys); i++) {
        (void)renew(state);
        freeReplyObject(redis_server_ask(&shared_server, "DEL %s", keys[i]));
        EXPECT("1", "SADD %s x", keys[i]);
        (void)snprintf(why, sizeof why, "-%s is a set", keys[i]);
        expect_refused(why);
    }
}

static void what_changed_meanwhile_is_looked_at_again(void **state)
{
    (void)state;
    expect_nothing("[moved]", "other");
    EXPECT("1", "HDEL positions 1-0");
    expect_nothing("[moved]", "asked");
}

static void one_that_was_handled_is_not_handled_again(void **state)
{
    (void)state;
    EXPECT("1", "XACK answers g 9-0");
    expect_nothing("[gone]", "asked");
}

/* The result comes behind the position, and the ACK last. */
static void what_fails_midway_is_redelivered(void **state)
{
    (void)state;
    EXPECT("-",
           "EVAL %s 6 answers positions exits open results refused g 9-0 -1 keep" RESULT
           "positions 1-0 asked filled",
           answer_lua);
    EXPECT("filled", "HGET positions 1-0");
    EXPECT("0", "EXISTS results");
    EXPECT("[1 9-0 9-0 [[c 1]]]", "XPENDING answers g");
}

#define TEST(name) cmocka_unit_test_setup(name, renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_filled_order_becomes_a_position),
        TEST(a_rejected_one_goes),
        TEST(an_exit_takes_its_positions_with_it),
        TEST(one_that_nobody_waits_for_is_only_acked),
        TEST(what_changed_meanwhile_is_looked_at_again),
        TEST(what_changed_of_several_is_looked_at_again),
        TEST(one_that_was_refused_comes_back),
        TEST(what_is_remembered_is_in_nobodys_way),
        TEST(what_is_settled_is_trimmed),
        TEST(keys_of_a_wrong_type),
        TEST(one_that_was_handled_is_not_handled_again),
        TEST(what_fails_midway_is_redelivered),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_answer", tests, shared_server_start,
                                       shared_server_stop);
}
