/* SPDX-License-Identifier: MIT */
/* What Redis makes of answer.lua: an adapter's answer changes what is kept once, and is ACKed. */
#include <stdlib.h>

#include "executor/scripts.h"
#include "tests/unit/shared_server.h"
#include "tests/unit/support.h"

#define ANSWER "EVAL %s 5 answers positions exits open results g 9-0 "
#define RESULT " 1000 2 status filled "

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
    EXPECT("[done 2]", ANSWER "positions 1-0 asked filled" RESULT, answer_lua);
    EXPECT("filled", "HGET positions 1-0");
    EXPECT("2", "GET open");
    EXPECT("1", "XLEN results");
    expect_acked();
}

static void a_rejected_one_goes(void **state)
{
    (void)state;
    EXPECT("[done 1]", ANSWER "positions 1-0 asked %s" RESULT, answer_lua, "");
    EXPECT("[2-0]", "HKEYS positions");
    EXPECT("1", "GET open");
    expect_acked();
}

static void an_exit_takes_its_positions_with_it(void **state)
{
    (void)state;
    EXPECT("[done 0]", ANSWER "exits 3-0 asked %s" RESULT "1-0 2-0", answer_lua, "");
    EXPECT("0", "EXISTS positions exits");
    EXPECT("0", "GET open");
    EXPECT("1", "XLEN results");
    expect_acked();
}

/* It belongs to nothing that is kept: open orders are counted anew, and no more. */
static void one_that_nobody_waits_for_is_only_acked(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 7");
    EXPECT("[done 2]", ANSWER "%s %s %s %s 1000 0", answer_lua, "", "", "", "");
    EXPECT("2", "GET open");
    EXPECT("0", "EXISTS results");
    expect_acked();
}

static void expect_nothing(const char *answer, const char *was)
{
    char *before = redis_server_digest(&shared_server, "answers", "g");

    EXPECT(answer, ANSWER "positions 1-0 %s filled" RESULT, answer_lua, was);
    char *after = redis_server_digest(&shared_server, "answers", "g");
    assert_string_equal(before, after);
    free(before);
    free(after);
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
    EXPECT("-", ANSWER "positions 1-0 asked filled -1 2 status filled", answer_lua);
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
        TEST(one_that_was_handled_is_not_handled_again),
        TEST(what_fails_midway_is_redelivered),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_answer", tests, shared_server_start,
                                       shared_server_stop);
}
