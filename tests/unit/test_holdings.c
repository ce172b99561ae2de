/* SPDX-License-Identifier: MIT */
/* What is held and in flight, and what that makes of a window's candidates. */
#include "router/decide/holdings.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

enum { MANY = 8 };

static struct {
    struct window window;
    struct holdings_seen seen;
    struct open_orders open;
    char flags[MANY + 1];
    struct held_value values[MANY];
    struct holdings holdings;
} scene;

static struct signal *on(struct signal *signal, enum side side)
{
    signal->side = side;
    return signal;
}

/* BTC BUY, BTC SELL, ETH BUY, SOL SELL. */
static int begin(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.window =
        window_of(signal_of("BTC", 0.9, 1), on(signal_of("BTC", 0.89, 2), SIDE_SELL),
                  signal_of("ETH", 0.88, 3), on(signal_of("SOL", 0.87, 4), SIDE_SELL), NULL);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    window_clear(&scene.window);
    return 0;
}

/* The hash, and how many are open. */
static void judge(const char *hash, int64_t open)
{
    scene.seen.hash = hash;
    scene.seen.hash_length = strlen(hash);
    scene.open = (struct open_orders){OPEN_ORDERS_KNOWN, open};
    scene.holdings =
        holdings_judge(&scene.seen, &scene.open, &scene.window, scene.flags, scene.values);
}

static void expect_flags(const char *flags)
{
    assert_string_equal(scene.flags, flags);
}

static void a_held_symbol_flags_both_sides(void **state)
{
    (void)state;
    judge("2\nBTC\nBUY\nSOL\nSELL 2", 3);
    assert_int_equal(scene.holdings.state, HOLDINGS_KNOWN);
    assert_int_equal(scene.holdings.symbols, 2);
    expect_flags("ho-h");
    assert_string_equal(scene.values[1].text, "BUY");
    assert_string_equal(scene.values[2].text, "");
    assert_string_equal(scene.values[3].text, "SELL 2");
}

static void what_is_held_of_others_is_counted_alone(void **state)
{
    (void)state;
    judge("2\nXRP\nBUY 3\nADA\nSELL", 4);
    assert_int_equal(scene.holdings.state, HOLDINGS_KNOWN);
    assert_int_equal(scene.holdings.symbols, 2);
    expect_flags("----");
}

static void what_is_in_flight_is_held(void **state)
{
    const struct opening openings[] = {{"BTC", SIDE_SELL}, {"XRP", SIDE_BUY}};

    (void)state;
    scene.seen.openings = openings;
    scene.seen.opening_count = COUNT(openings);
    judge("1\nBTC\nBUY", 1);
    expect_flags("bb--");
    judge("1\nBTC\nBUY", 2); /* not known: the hash counts no more */
    expect_flags("oh--");
}

static void expect_unknown(enum holdings_state state, const char *text)
{
    assert_int_equal(scene.holdings.state, state);
    assert_string_equal(scene.holdings.text, text);
    expect_flags("----");
}

static void another_sum_is_not_known(void **state)
{
    (void)state;
    judge("2\nBTC\nBUY\nETH\nBUY", 3);
    assert_int_equal(scene.holdings.state, HOLDINGS_OTHER_SUM);
    assert_int_equal(scene.holdings.sum, 2);
    expect_flags("----");
    judge("1\nBTC\nBUY 2", 1);
    assert_int_equal(scene.holdings.state, HOLDINGS_OTHER_SUM);
}

static void a_field_that_cannot_be_read_is_not_known(void **state)
{
    (void)state;
    judge("2\nBTC\nBUY\nETH/USD\nBUY", 2);
    expect_unknown(HOLDINGS_MALFORMED, "ETH/USD BUY");
    judge("1\nBTC\n{\"side\":\"BUY\"}", 1);
    expect_unknown(HOLDINGS_MALFORMED, "BTC {\"side\":\"BUY\"}");
    judge("1\nBTC\nBUY\nETH\nBUY", 2); /* one field with line ends in it */
    expect_unknown(HOLDINGS_MALFORMED, "ETH BUY");
    judge("2\nBTC\nBUY", 1);
    expect_unknown(HOLDINGS_MALFORMED, "");
    judge("1\nBTC", 1);
    expect_unknown(HOLDINGS_MALFORMED, "BTC ");
    judge("x", 0);
    expect_unknown(HOLDINGS_MALFORMED, "");
    judge("", 0);
    expect_unknown(HOLDINGS_MALFORMED, "");
}

static void a_missing_hash_is_nothing_where_nothing_is_open(void **state)
{
    (void)state;
    scene.seen.state = HOLDINGS_MISSING;
    judge("", 0);
    assert_int_equal(scene.holdings.state, HOLDINGS_KNOWN);
    judge("", 1);
    expect_unknown(HOLDINGS_MISSING, "");
}

static void what_may_not_or_cannot_be_read_is_not_known(void **state)
{
    (void)state;
    scene.seen.state = HOLDINGS_WRONG_TYPE;
    scene.seen.type = "list";
    judge("", 0);
    expect_unknown(HOLDINGS_WRONG_TYPE, "list");
    scene.seen.state = HOLDINGS_FORBIDDEN;
    judge("", 0);
    expect_unknown(HOLDINGS_FORBIDDEN, "");
}

static void without_a_count_nothing_is_known(void **state)
{
    (void)state;
    scene.seen.hash = "1\nBTC\nBUY";
    scene.seen.hash_length = strlen(scene.seen.hash);
    scene.open.kind = OPEN_ORDERS_UNPARSEABLE;
    scene.holdings =
        holdings_judge(&scene.seen, &scene.open, &scene.window, scene.flags, scene.values);
    expect_unknown(HOLDINGS_NO_COUNT, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_held_symbol_flags_both_sides),
        TEST(what_is_held_of_others_is_counted_alone),
        TEST(what_is_in_flight_is_held),
        TEST(another_sum_is_not_known),
        TEST(a_field_that_cannot_be_read_is_not_known),
        TEST(a_missing_hash_is_nothing_where_nothing_is_open),
        TEST(what_may_not_or_cannot_be_read_is_not_known),
        TEST(without_a_count_nothing_is_known),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("holdings", tests, NULL, NULL);
}
