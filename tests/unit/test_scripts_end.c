/* SPDX-License-Identifier: MIT */
/* What Redis makes of the scripts by which an intent or a position ends: decline, close,
 * paper_exit. */
#include "common/redis/reply.h"
#include "executor/act/scripts.h"
#include "tests/unit/intent_sample.h"
#include "tests/unit/replies.h"

static const struct dead_letter_cause dead_letter = {
    .reason = "no_price", .note = "cut short", .begun = 3};

static struct settle_answer reject(void)
{
    return intent_decline(OUTCOME_NO_PRICE, NULL);
}

static struct settle_answer end_as_dead_letter(void)
{
    return intent_decline(OUTCOME_INVALID, &dead_letter);
}

/* --- it ends without being executed */

static void what_ends_is_marked_told_and_acked(void **state)
{
    (void)state;
    expect_settled(reject, -1);
    EXPECT("7-0 rejected:no_price", "GET done:d-1");
    EXPECT_BETWEEN(3598, 3600, "TTL done:d-1");
    EXPECT("1", "XLEN results");
    EXPECT("0", "EXISTS begun:7-0 dead_letters positions rate rate:BTC");
    EXPECT("0", "GET open");
    expect_pending(false);
    expect_unsettled(reject, "gone");
}

/* A duplicate's end leaves the mark of who was first. */
static void the_first_mark_stays(void **state)
{
    (void)state;
    EXPECT("OK", "SET done:d-1 first EX 100");
    expect_settled(reject, -1);
    EXPECT("first", "GET done:d-1");
    EXPECT_BETWEEN(98, 100, "TTL done:d-1");
}

/* Our names are ours: an entry's own field of such a name is kept under another. */
static void a_dead_letter_is_the_entry_and_why(void **state)
{
    (void)state;
    EXPECT("8-0", "XADD intents 8-0 f v reason mine count 9 other x");
    DO("XREADGROUP GROUP g c STREAMS intents >");
    EXPECT("1", "XACK intents g 7-0");
    intent.order.id.ms = 8;
    expect_settled(end_as_dead_letter, -1);
    EXPECT("0", "EXISTS done:d-1");
    EXPECT("[f v original_reason mine original_count 9 other x intent_id 8-0 reason no_price count "
           "3 last_error cut short]",
           "EVAL %s 1 dead_letters", "return redis.call('XRANGE', KEYS[1], '-', '+')[1][2]");
    expect_pending(false);
}

/* Whatever was written into the stream, a dead letter is no heavier than an intent may be. */
static void a_dead_letter_is_bounded(void **state)
{
    static const char heavy[] = "local fields = {} for i = 1, 70 do fields[2 * i - 1] = 'f' .. i "
                                "fields[2 * i] = string.rep('x', 50 * i) end "
                                "return redis.call('XADD', KEYS[1], '8-0', unpack(fields))";
    static const char weigh[] = "local fields = redis.call('XRANGE', KEYS[1], '-', '+')[1][2] "
                                "local bytes = 0 for i = 2, 128, 2 do bytes = bytes + #fields[i] "
                                "end return {#fields / 2, bytes}";

    (void)state;
    EXPECT("8-0", "EVAL %s 1 intents", heavy);
    DO("XREADGROUP GROUP g c STREAMS intents >");
    intent.order.id.ms = 8;
    expect_settled(end_as_dead_letter, -1);
    EXPECT("[68 65536]", "EVAL %s 1 dead_letters", weigh);
}

static void an_end_that_fails_midway_is_redelivered(void **state)
{
    (void)state;
    intent.settings.results_maxlen = -1;
    assert_int_equal(reject().says, SETTLE_REFUSED);
    EXPECT("1", "EXISTS done:d-1");
    EXPECT("1", "EXISTS begun:7-0");
    expect_pending(true);

    (void)intent_renew(state);
    intent.settings.dead_letters_maxlen = -1;
    assert_int_equal(end_as_dead_letter().says, SETTLE_REFUSED);
    EXPECT("0", "EXISTS results");
    expect_pending(true);
}

static void an_end_with_keys_of_a_wrong_type(void **state)
{
    static const char *const keys[] = {"done:d-1", "begun:7-0", "results", "dead_letters"};

    for (size_t i = 0; i < COUNT(keys); i++) {
        (void)intent_renew(state);
        DO("DEL %s", keys[i]);
        EXPECT("1", "SADD %s x", keys[i]);
        expect_unsettled(end_as_dead_letter, keys[i]);
    }
    expect_settled(reject, -1); /* dead letters matter to those that write one */
}

/* --- an exit closes what is open */

static int with_a_position(void **state)
{
    (void)intent_renew(state);
    intent_hold("5-0", "ETH", SIDE_BUY);
    intent_hold("7-0", "BTC", SIDE_BUY);
    EXPECT("OK", "SET open 2");
    intent.order.closes = true;
    return 0;
}

static void what_is_closed_is_gone(void **state)
{
    (void)state;
    expect_settled(intent_close, 1);
    EXPECT("7-0 closed", "GET done:d-1");
    EXPECT_BETWEEN(7258, 7260, "TTL done:d-1"); /* an exit lives longer, and so does its mark */
    EXPECT("[5-0]", "HKEYS positions");
    EXPECT("1", "GET open");
    EXPECT("1", "XLEN results");
    EXPECT("0", "EXISTS begun:7-0 exits orders");
    expect_pending(false);
    expect_unsettled(intent_close, "gone");
}

static void what_is_to_be_closed_elsewhere_stays_until_then(void **state)
{
    (void)state;
    intent.closes.outcome = OUTCOME_HANDED_OVER;
    expect_settled(intent_close, 2);
    EXPECT("1", "HEXISTS exits 7-0");
    EXPECT("7-0", "EVAL %s 1 positions",
           "return cjson.decode(redis.call('HGET', KEYS[1], '7-0')).exit_id");
    EXPECT("7-0", "EVAL %s 1 orders",
           "local order = redis.call('XRANGE', KEYS[1], '-', '+')[1][2] return order[#order]");
    EXPECT("2", "GET open");
    EXPECT("1", "XLEN orders");
    expect_pending(false);
}

static void an_exit_asks_once_more(void **state)
{
    (void)state;
    intent.deadline_ms = intent_now_ms() - 1;
    expect_unsettled(intent_close, "stale");
    EXPECT("OK", "SET done:d-1 x");
    expect_unsettled(intent_close, "duplicate");
    (void)with_a_position(state);
    EXPECT("0", "HSET positions 7-0 x");
    expect_unsettled(intent_close, "moved");
    EXPECT("1", "HDEL positions 7-0");
    expect_unsettled(intent_close, "moved");
}

/* What was published before it opens no more: of each side the highest id is kept, as long as any
 * mark of them lives. */
static void an_exit_leaves_its_id(void **state)
{
    (void)state;
    EXPECT("2", "HSET exit:BTC BUY 9-0 SELL 6-18446744073709551615");
    expect_settled(intent_close, 1);
    EXPECT("[9-0 7-0]", "HMGET exit:BTC BUY SELL");
    EXPECT_BETWEEN(7258, 7260, "TTL exit:BTC");
    EXPECT("1", "EXPIRE exit:BTC 9000");
    DO("XADD intents 8-0 f v");
    DO("XREADGROUP GROUP g c STREAMS intents >");
    intent.order.id.ms = 8;
    intent.look.position_count = 0;
    EXPECT("1", "DEL done:d-1");
    expect_settled(intent_close, 1);
    EXPECT("[9-0 8-0]", "HMGET exit:BTC BUY SELL");
    EXPECT_BETWEEN(8998, 9000, "TTL exit:BTC");
}

static struct settle_answer nothing_open(void)
{
    return intent_decline(OUTCOME_NOTHING_OPEN, NULL);
}

static struct settle_answer duplicate(void)
{
    return intent_decline(OUTCOME_DUPLICATE, NULL);
}

static void an_exit_that_ends_otherwise_leaves_its_id_too(void **state)
{
    (void)state;
    expect_settled(nothing_open, -1);
    EXPECT("[7-0 7-0]", "HMGET exit:BTC BUY SELL");
    EXPECT_BETWEEN(7258, 7260, "TTL exit:BTC");
}

static void an_exit_of_one_side_leaves_its_id_there(void **state)
{
    (void)state;
    intent.order.closes_one_side = true;
    intent.order.side = SIDE_SELL;
    expect_settled(nothing_open, -1);
    EXPECT("[(nil) 7-0]", "HMGET exit:BTC BUY SELL");
}

static void an_exit_that_was_handled_before_leaves_none(void **state)
{
    (void)state;
    expect_settled(duplicate, -1);
    EXPECT("0", "EXISTS exit:BTC");
}

static void an_exit_whose_ids_are_none_changes_nothing(void **state)
{
    (void)state;
    EXPECT("1", "HSET exit:BTC SELL x");
    expect_unsettled(intent_close, "SELL in exit:BTC is 'x', not an id");
    expect_unsettled(nothing_open, "SELL in exit:BTC is 'x', not an id");
    EXPECT("1", "DEL exit:BTC");
    EXPECT("1", "LPUSH exit:BTC x");
    expect_unsettled(intent_close, "exit:BTC is a list");
    expect_unsettled(nothing_open, "exit:BTC is a list");
}

/* Missing open orders stay missing: nobody knows what else is open. */
static void open_orders_that_are_missing_are_not_made(void **state)
{
    (void)state;
    EXPECT("1", "DEL open");
    expect_settled(intent_close, 1);
    EXPECT("0", "EXISTS open");
}

static void an_exit_that_fails_midway_is_redelivered(void **state)
{
    (void)state;
    intent.settings.results_maxlen = -1;
    assert_int_equal(intent_close().says, SETTLE_REFUSED);
    EXPECT("1", "EXISTS done:d-1");
    EXPECT("1", "GET open");
    EXPECT("1", "EXISTS begun:7-0");
    expect_pending(true);
}

/* --- a position closes by itself */

#define PAPER_EXIT "EVAL %s 3 open positions results 7-0 "

static void a_position_leaves_once(void **state)
{
    (void)state;
    EXPECT("[done 1]", PAPER_EXIT "1000 status closed", paper_exit_lua);
    EXPECT("1", "GET open");
    EXPECT("[gone]", PAPER_EXIT "1000 status closed", paper_exit_lua);
    EXPECT("1", "XLEN results");
}

/* An end that is no outcome is no answer: nothing is told of it, and the intent is tried again. */
static void an_unknown_end_is_malformed(void **state)
{
    redisReply *reply = reply_of_texts("end", "yesterday", NULL);
    struct settle_answer answer;

    (void)state;
    settle_read(reply, &answer);
    assert_int_equal(answer.says, SETTLE_REFUSED);
    assert_string_equal(answer.what, REPLY_MALFORMED);
    freeReplyObject(reply);
}

#define TEST(name)          cmocka_unit_test_setup(name, intent_renew)
#define TEST_POSITION(name) cmocka_unit_test_setup(name, with_a_position)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_ends_is_marked_told_and_acked),
        TEST(the_first_mark_stays),
        TEST(a_dead_letter_is_the_entry_and_why),
        TEST(a_dead_letter_is_bounded),
        TEST(an_end_that_fails_midway_is_redelivered),
        TEST(an_end_with_keys_of_a_wrong_type),
        TEST_POSITION(what_is_closed_is_gone),
        TEST_POSITION(what_is_to_be_closed_elsewhere_stays_until_then),
        TEST_POSITION(an_exit_asks_once_more),
        TEST_POSITION(an_exit_leaves_its_id),
        TEST_POSITION(an_exit_that_ends_otherwise_leaves_its_id_too),
        TEST_POSITION(an_exit_of_one_side_leaves_its_id_there),
        TEST_POSITION(an_exit_that_was_handled_before_leaves_none),
        TEST_POSITION(an_exit_whose_ids_are_none_changes_nothing),
        TEST_POSITION(open_orders_that_are_missing_are_not_made),
        TEST_POSITION(an_exit_that_fails_midway_is_redelivered),
        TEST_POSITION(a_position_leaves_once),
        TEST(an_unknown_end_is_malformed),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_end", tests, intent_set_up, intent_tear_down);
}
