/* SPDX-License-Identifier: MIT */
/* What Redis makes of open.lua: an intent is executed whole, once and within its limits, or not. */
#include "tests/unit/intent_sample.h"

/* --- settled */

static void what_is_filled_is_all_there(void **state)
{
    (void)state;
    expect_settled(intent_open, 1);
    EXPECT("7-0 filled", "GET done:d-1");
    EXPECT_BETWEEN(3598, 3600, "TTL done:d-1");
    EXPECT("[1 1]", "MGET rate:BTC rate");
    EXPECT_BETWEEN(28, 30, "TTL rate:BTC");
    EXPECT_BETWEEN(58, 60, "TTL rate");
    EXPECT("1", "HEXISTS positions 7-0");
    EXPECT("1", "GET open");
    EXPECT("1", "XLEN results");
    EXPECT("0", "EXISTS begun:7-0 orders");
    expect_pending(false);
}

/* The window of a rate is not made longer by those who come in it. */
static void rates_are_counted_in_their_window(void **state)
{
    (void)state;
    EXPECT("OK", "SET rate 4 EX 10");
    expect_settled(intent_open, 1);
    EXPECT("5", "GET rate");
    EXPECT_BETWEEN(8, 10, "TTL rate");
}

static void a_rate_that_never_expires_counts_nothing(void **state)
{
    (void)state;
    EXPECT("OK", "MSET rate 99 rate:BTC 99");
    expect_settled(intent_open, 1);
    EXPECT("[1 1]", "MGET rate rate:BTC");
    EXPECT_BETWEEN(58, 60, "TTL rate");
}

/* Redis' clock was set back. */
static void a_rate_that_outlives_its_window_counts_nothing(void **state)
{
    (void)state;
    EXPECT("OK", "SET rate 99 EX 7200");
    EXPECT("OK", "SET rate:BTC 99 EX 7200");
    expect_settled(intent_open, 1);
    EXPECT("[1 1]", "MGET rate rate:BTC");
    EXPECT_BETWEEN(58, 60, "TTL rate");
}

static void what_would_be_executed_opens_nothing(void **state)
{
    (void)state;
    intent.opens.outcome = OUTCOME_WOULD_EXECUTE;
    EXPECT("1", "DEL open");
    expect_settled(intent_open, 0);
    EXPECT("7-0 would_execute", "GET done:d-1");
    EXPECT("[1 1]", "MGET rate:BTC rate");
    EXPECT("0", "EXISTS positions open orders");
    EXPECT("1", "XLEN results");
    expect_pending(false);
}

static void what_is_handed_over_is_an_order_and_no_result(void **state)
{
    (void)state;
    intent.opens.outcome = OUTCOME_HANDED_OVER;
    expect_settled(intent_open, 1);
    EXPECT("7-0 handed_over", "GET done:d-1");
    EXPECT("1", "XLEN orders");
    EXPECT("0", "EXISTS results");
    EXPECT("1", "GET open");
    expect_pending(false);
}

/* Open orders are the number of positions, whatever the key said. */
static void open_orders_are_counted_not_stepped(void **state)
{
    (void)state;
    intent_hold("5-0", "ETH", SIDE_SELL);
    intent_hold("6-0", "SOL", SIDE_BUY);
    EXPECT("OK", "SET open 1");
    expect_settled(intent_open, 3);
    EXPECT("3", "GET open");
}

/* The ACK comes last and the mark first: a write that fails midway leads to redelivery, which
 * the mark catches. Redis refuses these numbers; no check of ours looks at them. */
static void what_fails_midway_is_redelivered(void **state)
{
    (void)state;
    intent.settings.results_maxlen = -1;
    assert_int_equal(intent_open().says, SETTLE_REFUSED);
    EXPECT("1", "EXISTS done:d-1");
    EXPECT("[1 1 1]", "MGET rate:BTC rate open");
    EXPECT("1", "HLEN positions");
    EXPECT("0", "EXISTS results");
    expect_pending(true);

    (void)intent_renew(state);
    intent.settings.processed_ttl_sec = 0;
    assert_int_equal(intent_open().says, SETTLE_REFUSED);
    EXPECT("0", "EXISTS rate:BTC rate positions results");
    expect_pending(true);
}

/* --- not settled */

static void what_is_settled_is_not_settled_again(void **state)
{
    (void)state;
    expect_settled(intent_open, 1);
    expect_unsettled(intent_open, "gone");
    assert_string_equal(intent_open().what, "7-0 filled");
    (void)intent_renew(state);
    EXPECT("OK", "SET done:d-1 x");
    expect_unsettled(intent_open, "duplicate");
}

static void what_is_too_old(void **state)
{
    (void)state;
    intent.deadline_ms = intent_now_ms() - 1;
    expect_unsettled(intent_open, "stale");
}

static void a_hold_keeps_it_pending(void **state)
{
    (void)state;
    EXPECT("1", "LPUSH safe x");
    expect_unsettled(intent_open, "hold");
    EXPECT("1", "DEL safe");
    EXPECT("OK", "SET hold holding");
    expect_unsettled(intent_open, "hold");
    EXPECT("OK", "SET hold 1768824003000"); /* that it ended then */
    expect_settled(intent_open, 1);
}

static void open_orders_must_be_known(void **state)
{
    static const char *const unknown[] = {"x", "-1", "01", "+1", "1000000000000000"};

    (void)state;
    for (size_t i = 0; i < COUNT(unknown); i++) {
        EXPECT("OK", "SET open %s", unknown[i]);
        expect_unsettled(intent_open, "hold");
    }
    EXPECT("1", "DEL open");
    expect_unsettled(intent_open, "hold");
    EXPECT("1", "LPUSH open 1");
    expect_unsettled(intent_open, "hold");
}

static void the_cap_counts_key_and_positions(void **state)
{
    (void)state;
    EXPECT("OK", "SET open 10");
    expect_unsettled(intent_open, "max_open");
    EXPECT("OK", "SET open 0");
    intent.settings.guards.max_open = 2;
    intent_hold("5-0", "ETH", SIDE_BUY);
    intent_hold("6-0", "SOL", SIDE_BUY);
    expect_unsettled(intent_open, "max_open");
    EXPECT("1", "HDEL positions 6-0");
    expect_settled(intent_open, 2);
}

static void a_symbol_has_one_position_or_one_side(void **state)
{
    (void)state;
    intent_hold("5-0", "BTC", SIDE_BUY);
    expect_unsettled(intent_open, "symbol_open");
    intent_hold("6-0", "BTC", SIDE_SELL);
    expect_unsettled(intent_open, "opposite_open");
    intent.settings.guards.symbol_adds = true;
    expect_unsettled(intent_open, "opposite_open");
    EXPECT("1", "HDEL positions 6-0");
    expect_settled(intent_open, 2);
}

static void rates_hold_back(void **state)
{
    (void)state;
    EXPECT("OK", "SET rate 5 EX 60");
    expect_unsettled(intent_open, "rate_global");
    EXPECT("OK", "SET rate:BTC 1 EX 30");
    expect_unsettled(intent_open, "rate_symbol");
    EXPECT("OK", "SET rate 4 EX 60");
    EXPECT("1", "DEL rate:BTC");
    expect_settled(intent_open, 1);
}

/* Found before the first write; else the mark would say that it was filled, and no position be
 * there. */
static void a_rate_that_is_no_count_changes_nothing(void **state)
{
    static const char *const values[] = {
        "1.5", "nan", "-1", "", "0x1", "1e3", "9223372036854775807"};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        EXPECT("OK", "SET rate:BTC %s EX 30", values[i]);
        expect_unsettled(intent_open, "rate:BTC is '");
        assert_int_equal(intent_open().says, SETTLE_FAULTY);
        EXPECT("1", "DEL rate:BTC");
        EXPECT("OK", "SET rate %s EX 30", values[i]);
        expect_unsettled(intent_open, "rate is '");
        assert_int_equal(intent_open().says, SETTLE_REFUSED);
        EXPECT("1", "DEL rate");
    }
    EXPECT("OK", "MSET rate 1.5 rate:BTC nan"); /* it never expires, and counts nothing */
    expect_settled(intent_open, 1);
    EXPECT("[1 1]", "MGET rate rate:BTC");
}

/* What is opened and what is handed over, both; the exits are asked nothing. */
static void keys_of_neighbours_keep_it_pending(void **state)
{
    char mode[] = "sys:mode=DOWN", stop[] = "stop", *also[] = {mode, stop};

    (void)state;
    intent.settings.halts.also = (struct names){also, 2};
    EXPECT("1", "LPUSH stop x");
    expect_unsettled(intent_open, "hold");
    EXPECT("1", "DEL stop");
    EXPECT("OK", "SET sys:mode DOWN");
    expect_unsettled(intent_open, "hold");
    intent.opens.outcome = OUTCOME_HANDED_OVER;
    expect_unsettled(intent_open, "hold");
    EXPECT("OK", "SET sys:mode UP");
    intent.opens.outcome = OUTCOME_FILLED;
    expect_settled(intent_open, 1);
}

/* --- an exit ends the openings before it */

static void what_a_later_exit_superseded(void **state)
{
    (void)state;
    EXPECT("1", "HSET exit:BTC BUY 7-1");
    expect_unsettled(intent_open, "superseded");
    EXPECT("0", "HSET exit:BTC BUY 10-0");
    EXPECT("OK", "SET safe 1");
    expect_unsettled(intent_open, "superseded");
    EXPECT("1", "DEL safe");
    EXPECT("OK", "SET rate:BTC nan EX 30");
    expect_unsettled(intent_open, "superseded");
    EXPECT("OK", "SET done:d-1 x");
    expect_unsettled(intent_open, "duplicate");
}

static void what_no_later_exit_superseded(void **state)
{
    (void)state;
    EXPECT("2", "HSET exit:BTC BUY 7-0 SELL 9-0");
    EXPECT("1", "HSET exit:ETH BUY 9-0");
    expect_settled(intent_open, 1);
}

static void an_exit_without_an_id_is_the_symbols_fault(void **state)
{
    static const char *const ids[] = {
        "", "7", "x-0", "07-0", "7-00", "7-0-0", "100000000000000000000000-0"};

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        DO("HSET exit:BTC BUY %s", ids[i]);
        expect_unsettled(intent_open, "BUY in exit:BTC is '");
        assert_int_equal(intent_open().says, SETTLE_FAULTY);
    }
}

static void keys_of_a_wrong_type_change_nothing(void **state)
{
    static const char *const keys[] = {"done:d-1",  "positions", "rate:BTC", "rate",
                                       "begun:7-0", "results",   "exit:BTC", "hold"};

    for (size_t i = 0; i < COUNT(keys); i++) {
        (void)intent_renew(state);
        DO("DEL %s", keys[i]);
        EXPECT("1", "SADD %s x", keys[i]);
        expect_unsettled(intent_open, keys[i]);
    }
}

static void a_result_stream_at_its_last_id(void **state)
{
    (void)state;
    DO("XADD results 18446744073709551615-1 f v");
    expect_unsettled(intent_open, "results has come to its last id");
}

/* Asked before the first write, and not found out between them. */
static void commands_that_are_not_allowed_change_nothing(void **state)
{
    static const char *const commands[] = {"set", "incr", "hset", "xadd", "del", "xack"};

    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        EXPECT("OK", "ACL SETUSER default -%s", commands[i]);
        expect_unsettled(intent_open, "NOPERM");
        EXPECT("OK", "ACL SETUSER default +@all");
    }
    expect_settled(intent_open, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, intent_renew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_filled_is_all_there),
        TEST(keys_of_neighbours_keep_it_pending),
        TEST(rates_are_counted_in_their_window),
        TEST(a_rate_that_never_expires_counts_nothing),
        TEST(a_rate_that_outlives_its_window_counts_nothing),
        TEST(what_would_be_executed_opens_nothing),
        TEST(what_is_handed_over_is_an_order_and_no_result),
        TEST(open_orders_are_counted_not_stepped),
        TEST(what_fails_midway_is_redelivered),
        TEST(what_is_settled_is_not_settled_again),
        TEST(what_is_too_old),
        TEST(a_hold_keeps_it_pending),
        TEST(open_orders_must_be_known),
        TEST(the_cap_counts_key_and_positions),
        TEST(a_symbol_has_one_position_or_one_side),
        TEST(rates_hold_back),
        TEST(a_rate_that_is_no_count_changes_nothing),
        TEST(what_a_later_exit_superseded),
        TEST(what_no_later_exit_superseded),
        TEST(an_exit_without_an_id_is_the_symbols_fault),
        TEST(keys_of_a_wrong_type_change_nothing),
        TEST(a_result_stream_at_its_last_id),
        TEST(commands_that_are_not_allowed_change_nothing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts_open", tests, intent_set_up, intent_tear_down);
}
