/* SPDX-License-Identifier: MIT */
/* What is held and in flight, and what that makes of a window's candidates. */
#include "router/decide/holdings.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

enum { MANY = 8 };

static struct {
    struct window window;
    struct held_field fields[MANY];
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
    scene.open.kind = OPEN_ORDERS_KNOWN;
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

/* Up to the next "=" or "," of what is left. */
static const char *word(const char **rest, size_t *ret_length)
{
    const char *at = *rest;

    *ret_length = strcspn(at, "=,");
    *rest = at + *ret_length + (at[*ret_length] != '\0');
    return at;
}

/* The hash, "BTC=BUY,ETH=SELL 2", and how many are open. */
static void judge(const char *hash, int64_t open)
{
    scene.seen.fields = scene.fields;
    scene.seen.field_count = 0;
    while (*hash) {
        struct held_field *field = &scene.fields[scene.seen.field_count++];
        field->name = word(&hash, &field->name_length);
        field->value = word(&hash, &field->value_length);
    }
    scene.open.count = open;
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
    judge("BTC=BUY,SOL=SELL 2", 3);
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
    judge("XRP=BUY 3,ADA=SELL", 4);
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
    judge("BTC=BUY", 1);
    expect_flags("bb--");
    judge("BTC=BUY", 2); /* not known: the hash counts no more */
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
    judge("BTC=BUY,ETH=BUY", 3);
    assert_int_equal(scene.holdings.state, HOLDINGS_OTHER_SUM);
    assert_int_equal(scene.holdings.sum, 2);
    expect_flags("----");
    judge("BTC=BUY 2", 1);
    assert_int_equal(scene.holdings.state, HOLDINGS_OTHER_SUM);
}

static void a_field_that_cannot_be_read_is_not_known(void **state)
{
    (void)state;
    judge("BTC=BUY,ETH/USD=BUY", 2);
    expect_unknown(HOLDINGS_MALFORMED, "ETH/USD BUY");
    judge("BTC={\"side\":\"BUY\"}", 1);
    expect_unknown(HOLDINGS_MALFORMED, "BTC {\"side\":\"BUY\"}");
    judge("BTC=BUY,BTC\nETH=BUY", 2);
    expect_unknown(HOLDINGS_MALFORMED, "BTC\nETH BUY");
    judge("BTC=BUY,btc=BUY", 2);
    expect_unknown(HOLDINGS_MALFORMED, "btc BUY");
    judge("BTC=BUY\n", 1);
    expect_unknown(HOLDINGS_MALFORMED, "BTC BUY\n");
    judge("BTC=", 1);
    expect_unknown(HOLDINGS_MALFORMED, "BTC ");
}

/* However long both are. */
static void a_malformed_field_is_shown_cut(void **state)
{
    struct held_field field = {text_of('A', 500), "BUY", 500, 3};

    (void)state;
    scene.seen = (struct holdings_seen){.fields = &field, .field_count = 1};
    scene.holdings =
        holdings_judge(&scene.seen, &scene.open, &scene.window, scene.flags, scene.values);
    expect_unknown(HOLDINGS_MALFORMED, text_of('A', HOLDINGS_TEXT_MAX));
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
    scene.open.kind = OPEN_ORDERS_UNPARSEABLE;
    judge("BTC=BUY", 1);
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
        TEST(a_malformed_field_is_shown_cut),
        TEST(a_missing_hash_is_nothing_where_nothing_is_open),
        TEST(what_may_not_or_cannot_be_read_is_not_known),
        TEST(without_a_count_nothing_is_known),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("holdings", tests, NULL, NULL);
}
