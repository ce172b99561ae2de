/* SPDX-License-Identifier: MIT */
/* What is held, as the executor's scripts keep it beside the count of open orders: in Redis, of
 * each symbol. */
#include <string.h>

#include "executor/act/scripts.h"
#include "tests/unit/intent_sample.h"

#define HELD(what)                                                                                 \
    EXPECT(what, "EVAL %s 1 held",                                                                 \
           "local all, found = redis.call('HGETALL', KEYS[1]), {} "                                \
           "for i = 1, #all, 2 do found[#found + 1] = all[i] .. ' ' .. all[i + 1] end "            \
           "table.sort(found) return table.concat(found, ', ')")
#define PAPER_EXIT "EVAL %s 4 open positions results held %s 1000 status closed"
#define ARRIVE     "EVAL %s 4 intents open positions held g 600000 me 3600000 1"
#define ANSWER     "EVAL %s 7 answers positions exits open results refused held g 9-0 1000 keep 60 0 "

static int renew(void **state)
{
    int result = intent_renew(state);

    intent.office.keeps_held = true;
    return result;
}

static void what_is_opened_is_held(void **state)
{
    (void)state;
    intent_hold("5-0", "ETH", SIDE_SELL);
    expect_settled(intent_open, 2);
    EXPECT("2", "GET open");
    HELD("BTC BUY, ETH SELL");
}

static void what_is_handed_over_is_held(void **state)
{
    (void)state;
    intent.opens.outcome = OUTCOME_HANDED_OVER;
    expect_settled(intent_open, 1);
    HELD("BTC BUY");
}

static void what_would_be_opened_is_not(void **state)
{
    (void)state;
    EXPECT("1", "HSET held ETH x");
    intent.opens.outcome = OUTCOME_WOULD_EXECUTE;
    expect_settled(intent_open, 0);
    HELD("ETH x");
}

/* Behind the key stand those that halt. */
static void it_stands_before_what_else_halts(void **state)
{
    char stop[] = "stop", *also[] = {stop};

    (void)state;
    intent.settings.halts.also = (struct names){also, 1};
    EXPECT("OK", "SET stop 1");
    expect_unsettled(intent_open, "hold");
    EXPECT("1", "DEL stop");
    expect_settled(intent_open, 1);
    HELD("BTC BUY");
}

static void several_of_a_symbol_are_counted(void **state)
{
    (void)state;
    intent.settings.guards.symbol_adds = true;
    intent_hold("5-0", "BTC", SIDE_BUY);
    expect_settled(intent_open, 2);
    HELD("BTC BUY 2");
}

/* The executor opens no other side, but whatever is there is told under the side that has more. */
static void both_sides_of_a_symbol(void **state)
{
    (void)state;
    intent_hold("5-0", "ETH", SIDE_BUY);
    intent_hold("5-1", "ETH", SIDE_SELL);
    expect_settled(intent_open, 3);
    HELD("BTC BUY, ETH BUY 2");
    intent_hold("5-2", "ETH", SIDE_SELL);
    DO(ARRIVE, arrive_lua);
    HELD("BTC BUY, ETH SELL 3");
}

/* The sum is not the count then. */
static void one_that_cannot_be_read_has_no_symbol(void **state)
{
    static const char *const texts[] = {
        "",
        "x",
        "null",
        "{}",
        "{\"symbol\":\"ETH\"}",
        "{\"symbol\":\"ETH\",\"side\":\"HOLD\"}",
        "{\"symbol\":7,\"side\":\"BUY\"}",
        "{\"symbol\":null,\"side\":\"BUY\"}",
        "{\"symbol\":\"eth\",\"side\":\"BUY\"}",
        "{\"symbol\":\"ET\",\"side\":\"BUY\"}",
        "{\"symbol\":\"ETH \",\"side\":\"BUY\"}",
        "{\"symbol\":\"ETHETHETHETHETHETHETHETHETHETHETH\",\"side\":\"BUY\"}",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        (void)renew(state);
        EXPECT("1", "HSET positions 5-0 %s", texts[i]);
        expect_settled(intent_open, 2);
        EXPECT("2", "GET open");
        HELD("BTC BUY");
    }
}

/* Whatever somebody put there. */
static void it_heals(void **state)
{
    (void)state;
    EXPECT("4", "HSET held BTC SELL ETH BUY x y SOL %s", "BUY 7");
    intent_hold("5-0", "SOL", SIDE_BUY);
    expect_settled(intent_open, 2);
    HELD("BTC BUY, SOL BUY");
}

/* What is too much to look through is not looked through: the script holds up everybody. */
static void it_heals_of_what_is_huge(void **state)
{
    (void)state;
    EXPECT("1", "EVAL %s 1 held",
           "redis.call('HSET', KEYS[1], 'ETH', string.rep('x', 6000000), 'BTC', 'SELL') return 1");
    EXPECT("OK", "CONFIG RESETSTAT");
    expect_settled(intent_open, 1);
    HELD("BTC BUY");
    redisReply *said = redis_server_ask(&intent.server, "INFO commandstats");
    assert_null(strstr(said->str, "cmdstat_hdel:"));
    freeReplyObject(said);
}

static void thousands_are_written(void **state)
{
    static const char fill[] = "for i = 1, 9000 do "
                               "redis.call('HSET', KEYS[1], i .. '-1', '{\"symbol\":\"S' .. i + "
                               "1000 .. '\",\"side\":\"BUY\"}') "
                               "redis.call('HSET', KEYS[2], 'gone' .. i, 'BUY') end";

    (void)state;
    DO("EVAL %s 2 positions held", fill);
    intent.settings.guards.max_open = 100000;
    expect_settled(intent_open, 9001);
    EXPECT("9001", "HLEN held");
    EXPECT("[BUY BUY (nil)]", "HMGET held S1001 S10000 gone1");
    EXPECT("9001", "GET open");
}

static int with_two(void **state)
{
    (void)renew(state);
    intent_hold("5-0", "ETH", SIDE_BUY);
    intent_hold("7-0", "BTC", SIDE_BUY);
    EXPECT("OK", "SET open 2");
    EXPECT("2", "HSET held BTC BUY ETH BUY");
    intent.order.closes = true;
    return 0;
}

static void what_is_closed_is_held_no_more(void **state)
{
    (void)state;
    expect_settled(intent_close, 1);
    EXPECT("1", "GET open");
    HELD("ETH BUY");
}

/* Its closing was handed to an adapter, who has not closed it yet. */
static void what_is_to_be_closed_is_held(void **state)
{
    (void)state;
    intent.closes.outcome = OUTCOME_HANDED_OVER;
    expect_settled(intent_close, 2);
    HELD("BTC BUY, ETH BUY");
}

static void what_closes_by_itself_is_held_no_more(void **state)
{
    (void)state;
    EXPECT("[done 1]", PAPER_EXIT, paper_exit_lua, "7-0");
    HELD("ETH BUY");
    EXPECT("[done 0]", PAPER_EXIT, paper_exit_lua, "5-0");
    EXPECT("0", "EXISTS held positions");
    EXPECT("0", "GET open");
}

static void an_answer_changes_what_is_held(void **state)
{
    (void)state;
    EXPECT("9-0", "XADD answers 9-0 f v");
    EXPECT("OK", "XGROUP CREATE answers g 0");
    DO("XREADGROUP GROUP g c STREAMS answers >");
    EXPECT("[done 1]", ANSWER "positions 7-0 %s %s", answer_lua, intent.text, "");
    EXPECT("1", "GET open");
    HELD("ETH BUY");
}

/* --- it cannot be kept: nothing is written, and without the key all goes on */

static void expect_let_go(struct settle_answer (*settle)(void), int64_t positions)
{
    expect_unsettled(settle, "HELDKEY held is a list, not a hash");
    intent.office.keeps_held = false;
    expect_settled(settle, positions);
    EXPECT("[x]", "LRANGE held 0 -1");
}

static void a_wrong_type_when_it_opens(void **state)
{
    (void)state;
    EXPECT("1", "LPUSH held x");
    expect_let_go(intent_open, 1);
}

static void a_wrong_type_when_it_closes(void **state)
{
    (void)state;
    EXPECT("1", "DEL held");
    EXPECT("1", "LPUSH held x");
    EXPECT("-HELDKEY held is a list", PAPER_EXIT, paper_exit_lua, "7-0");
    EXPECT("-HELDKEY held is a list", ARRIVE, arrive_lua);
    expect_let_go(intent_close, 1);
}

/* --- on arriving */

static void it_is_written_in_full(void **state)
{
    (void)state;
    EXPECT("1", "HSET held XRP BUY BTC %s", "SELL 3");
    EXPECT("1", "EXPIRE held 100");
    DO(ARRIVE, arrive_lua);
    HELD("BTC BUY, ETH BUY");
    EXPECT("-1", "TTL held");
}

static void nothing_is_held(void **state)
{
    (void)state;
    EXPECT("1", "HSET held XRP BUY");
    DO(ARRIVE, arrive_lua);
    EXPECT("0", "EXISTS held");
    EXPECT("0", "GET open");
}

static void without_the_key_it_stays(void **state)
{
    (void)state;
    EXPECT("1", "HSET held XRP BUY");
    DO("EVAL %s 3 intents open positions g 600000 me 3600000 1", arrive_lua);
    HELD("BTC BUY, ETH BUY, XRP BUY");
}

#define TEST(name)     cmocka_unit_test_setup(name, renew)
#define TEST_TWO(name) cmocka_unit_test_setup(name, with_two)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_opened_is_held),
        TEST(what_is_handed_over_is_held),
        TEST(what_would_be_opened_is_not),
        TEST(it_stands_before_what_else_halts),
        TEST(several_of_a_symbol_are_counted),
        TEST(both_sides_of_a_symbol),
        TEST(one_that_cannot_be_read_has_no_symbol),
        TEST(it_heals),
        TEST(it_heals_of_what_is_huge),
        TEST(thousands_are_written),
        TEST_TWO(what_is_closed_is_held_no_more),
        TEST_TWO(what_is_to_be_closed_is_held),
        TEST_TWO(what_closes_by_itself_is_held_no_more),
        TEST_TWO(an_answer_changes_what_is_held),
        TEST(a_wrong_type_when_it_opens),
        TEST_TWO(a_wrong_type_when_it_closes),
        TEST_TWO(it_is_written_in_full),
        TEST(nothing_is_held),
        TEST_TWO(without_the_key_it_stays),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_held", tests, intent_set_up, intent_tear_down);
}
