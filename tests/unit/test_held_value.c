/* SPDX-License-Identifier: MIT */
/* A field of the hash that says what is held. */
#include "common/trade/held.h"

#include <string.h>

#include "tests/unit/support.h"

static bool reads(const char *name, const char *value, struct held *ret_held)
{
    return held_read(name, strlen(name), value, strlen(value), ret_held);
}

static void what_is_written_by_rule_is_read(void **state)
{
    static const struct {
        const char *value;
        enum side side;
        int64_t number;
    } cases[] = {
        {"BUY", SIDE_BUY, 1},     {"SELL", SIDE_SELL, 1},           {"BUY 1", SIDE_BUY, 1},
        {"SELL 2", SIDE_SELL, 2}, {"BUY 999999", SIDE_BUY, 999999},
    };
    struct held held;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(reads("BTCUSDT", cases[i].value, &held));
        assert_string_equal(held.symbol, "BTCUSDT");
        assert_int_equal(held.side, cases[i].side);
        assert_int_equal(held.number, cases[i].number);
    }
}

static void another_value_is_none(void **state)
{
    static const char *const values[] = {
        "",
        "buy",
        "LONG",
        "BUY ",
        "BUY  2",
        " BUY",
        "BUY 0",
        "BUY -1",
        "BUY 02",
        "BUY +2",
        "BUY 1.0",
        "BUY 2 ",
        "BUY\t2",
        "BUYS",
        "BUY2",
        "0.5",
        "SELL BUY",
        "SELL 1000000",
        "BUY 99999999999999999999",
        "FLAT",
    };
    struct held held;

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++)
        assert_false(reads("BTCUSDT", values[i], &held));
    assert_false(held_read("BTCUSDT", 7, "BUY\0", 4, &held));
}

static void the_field_is_the_symbol_itself(void **state)
{
    static const char *const names[] = {
        "",         "AB",          "btcusdt",
        " BTCUSDT", "BTCUSDT ",    "BTC/USDT",
        "BTC.USDT", "\033[31mRED", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456",
    };
    struct held held;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_false(reads(names[i], "BUY", &held));
    assert_false(held_read("BTC\0USDT", 8, "BUY", 3, &held));
    assert_true(reads("ABC", "BUY", &held));
    assert_true(reads("1000PEPE_USDT-PERP", "BUY", &held));
}

static void what_is_written_is_read_back(void **state)
{
    static const struct {
        struct held held;
        const char *value;
    } cases[] = {
        {{"BTCUSDT", SIDE_BUY, 1}, "BUY"},
        {{"BTCUSDT", SIDE_SELL, 2}, "SELL 2"},
        {{"BTCUSDT", SIDE_SELL, HELD_NUMBER_MAX}, "SELL 999999"},
    };
    char value[HELD_WRITTEN_MAX];
    struct held held;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        held_write(&cases[i].held, value);
        assert_string_equal(value, cases[i].value);
        assert_true(reads("BTCUSDT", value, &held));
        assert_int_equal(held.side, cases[i].held.side);
        assert_int_equal(held.number, cases[i].held.number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_by_rule_is_read),
        cmocka_unit_test(another_value_is_none),
        cmocka_unit_test(the_field_is_the_symbol_itself),
        cmocka_unit_test(what_is_written_is_read_back),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
