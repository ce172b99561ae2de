/* SPDX-License-Identifier: MIT */
/* Which way a document points: what opens, what waits, what is an exit, and what is none of them;
 * for signals and for intents at once, because both ask the same. */
#include "common/trade/direction.h"

#include <stdio.h>
#include <string.h>

#include "common/trade/order.h"
#include "tests/unit/support.h"

static const char *said(const char *members)
{
    static char document[512];
    struct direction direction;
    struct fields fields;

    (void)snprintf(document, sizeof document, "{\"symbol\":\"BTCUSDT\"%s%s}", *members ? "," : "",
                   members);
    struct entry entry = entry_of("payload", document, NULL);
    assert_int_equal(fields_open(&entry, &fields), RULE_NONE);
    bool is_read = direction_read(&fields, &direction);
    fields_close(&fields);
    if (!is_read)
        return "none";
    if (direction.intention == INTENT_CLOSE && direction.is_partial)
        return "part";
    if (direction.intention == INTENT_CLOSE && direction.of_long != direction.of_short)
        return direction.of_long ? "close long" : "close short";
    return intention_name(direction.intention);
}

static void expect_said(const char *members, const char *wanted)
{
    if (strcmp(said(members), wanted) != 0)
        fail_msg("%s: %s, not %s", members, said(members), wanted);
}

static void expect_all(const char *const *members, size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        expect_said(members[i], wanted);
}

static void what_opens(void **state)
{
    static const char *const buys[] = {
        "\"side\":\"BUY\"",
        "\"action\":\" long \"",
        "\"direction\":\"Buy\"",
        "\"side\":\"BUY\",\"action\":\"LONG\",\"direction\":\"buy\"",
        "\"side\":\"BUY\",\"action\":\"OPEN\"",
        "\"side\":\"Enter\",\"action\":null,\"direction\":\"LONG\"",
        "\"side\":\"\",\"action\":\"buy\",\"direction\":\" entry \"",
        "\"side\":\"buy\\u0020\"",
        "\"side\":\"BUY\",\"reduce_only\":false,\"reduceOnly\":null",
        "\"side\":\"BUY\",\"reduce_only\":\"\",\"reduceOnly\":\"0\"",
        "\"side\":\"BUY\",\"reduce_only\":\" False \",\"reduceOnly\":0",
        "\"side\":\"BUY\",\"reduce_only\":0.0",
        "\"side\":\"BUY\",\"reduce_only\":\"0.0\"",
    };
    static const char *const sells[] = {"\"side\":\"SELL\"", "\"action\":\"short\"",
                                        "\"direction\":\"SHORT\",\"action\":\"sell\""};

    (void)state;
    expect_all(buys, COUNT(buys), "BUY");
    expect_all(sells, COUNT(sells), "SELL");
}

static void what_means_an_exit_is_one_whatever_else_it_says(void **state)
{
    static const char *const exits[] = {
        "\"action\":\"CLOSE\"",
        "\"side\":\"BUY\",\"action\":\"exit\"",
        "\"side\":\"BUY\",\"direction\":\"FLAT\"",
        "\"side\":\"close\",\"action\":\"HOLD\"",
        "\"side\":\"nonsense\",\"action\":\"CLOSE\"",
        "\"side\":7,\"action\":\"CLOSE\",\"direction\":[]",
        "\"side\":\"BUY\",\"action\":\"SELL\",\"direction\":\"EXIT\"",
        "\"side\":\"BUY\",\"reduce_only\":true",
        "\"side\":\"BUY\",\"reduceOnly\":true",
        "\"side\":\"BUY\",\"reduce_only\":false,\"reduceOnly\":\"1\"",
        "\"side\":\"BUY\",\"reduce_only\":1",
        "\"side\":\"BUY\",\"reduce_only\":11",
        "\"side\":\"BUY\",\"reduce_only\":-0.5",
        "\"side\":\"BUY\",\"reduce_only\":\"yes\"",
        "\"side\":\"BUY\",\"reduce_only\":\"no\"",
        "\"side\":\"BUY\",\"reduce_only\":[]",
        "\"side\":\"BUY\",\"reduce_only\":{}",
        "\"side\":\"HOLD\",\"reduce_only\":\"TRUE\"",
        "\"reduce_only\":true",
        "\"action\":\"CLOSE_LONG\",\"side\":\"close_short\"",
    };
    static const char *const of_long[] = {"\"action\":\"close_long\"",
                                          "\"side\":\"SELL\",\"action\":\"CLOSE_LONG\"",
                                          "\"action\":\"CLOSE\",\"direction\":\"CLOSE_LONG\"",
                                          "\"action\":\"CLOSE_LONG\",\"reduce_only\":true"};
    static const char *const of_part[] = {"\"action\":\"PARTIAL_CLOSE\"",
                                          "\"side\":\"CLOSE\",\"action\":\"partial_close\"",
                                          "\"side\":\"BUY\",\"direction\":\"PARTIAL_CLOSE\""};

    (void)state;
    expect_all(exits, COUNT(exits), "CLOSE");
    expect_all(of_long, COUNT(of_long), "close long");
    expect_said("\"direction\":\"CLOSE_SHORT\"", "close short");
    expect_all(of_part, COUNT(of_part), "part");
}

static void then_hold_counts(void **state)
{
    static const char *const holds[] = {
        "\"action\":\"HOLD\"", "\"side\":\"LONG\",\"action\":\"hold\"",
        "\"side\":\"nonsense\",\"direction\":\"HOLD\"",
        "\"side\":\"BUY\",\"action\":\"SELL\",\"direction\":\"HOLD\""};

    (void)state;
    expect_all(holds, COUNT(holds), "HOLD");
}

static void what_says_nothing_that_counts(void **state)
{
    static const char *const nothing[] = {
        "",
        "\"side\":null,\"action\":null",
        "\"side\":\"\"",
        "\"action\":\"OPEN\"",
        "\"side\":\"BUY\",\"action\":\"SELL\"",
        "\"side\":\"BUY\",\"direction\":\"SHORT\"",
        "\"side\":\"BUY\",\"action\":\"BUYS\"",
        "\"side\":\"BUY\",\"action\":0",
        "\"side\":\"BUY\",\"action\":false",
        "\"side\":\"BUY\",\"direction\":{}",
        "\"side\":\"BU Y\"",
        "\"side\":\"null\"",
        "\"Side\":\"BUY\"",
    };

    (void)state;
    expect_all(nothing, COUNT(nothing), "none");
}

static void its_names_are_reserved(void **state)
{
    (void)state;
    assert_true(direction_reserves("side") && direction_reserves("action"));
    assert_true(direction_reserves("direction"));
    assert_true(direction_reserves("reduce_only") && direction_reserves("reduceOnly"));
    assert_false(direction_reserves("reduce") || direction_reserves(""));
}

/* The router says why, in its order. */
static void a_signal_that_means_an_exit_is_dropped(void **state)
{
    (void)state;
    expect_dropped(entry_of("payload", document_with("reduceOnly", "true"), NULL), DROP_CLOSE);
    expect_dropped(entry_of("data", document_with("side", "\"FLAT\""), NULL), DROP_CLOSE);
    expect_dropped(entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence", "0.9", "reduce_only",
                            "True", NULL),
                   DROP_CLOSE);
    expect_dropped(entry_of("payload", document_with("side", "\"HOLD\""), NULL), DROP_HOLD);
    expect_payload_invalid(document_with("side", "\"SELL\""), RULE_SIDE);
    expect_payload_invalid(document_with("side", "0"), RULE_SIDE);
}

static struct order must_order(const char *action, enum rule rule)
{
    struct entry entry = entry_of("symbol", "BTCUSDT", "action", action, NULL);
    struct order order;

    assert_int_equal(order_read(&entry, &order), rule);
    return order;
}

static void an_exit_may_be_for_one_side(void **state)
{
    struct order order = must_order("CLOSE_LONG", RULE_NONE);

    (void)state;
    assert_true(order.closes && order_concerns(&order, SIDE_BUY));
    assert_false(order_concerns(&order, SIDE_SELL));
    order = must_order("close_short", RULE_NONE);
    assert_true(order.closes && order_concerns(&order, SIDE_SELL));
    assert_false(order_concerns(&order, SIDE_BUY));
    order = must_order("FLAT", RULE_NONE);
    assert_true(order.closes && order_concerns(&order, SIDE_SELL));
    assert_true(order_concerns(&order, SIDE_BUY));
    order = must_order("PARTIAL_CLOSE", RULE_PARTIAL_CLOSE);
    assert_string_equal(order_action(&order), "CLOSE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_opens),
        cmocka_unit_test(what_means_an_exit_is_one_whatever_else_it_says),
        cmocka_unit_test(then_hold_counts),
        cmocka_unit_test(what_says_nothing_that_counts),
        cmocka_unit_test(its_names_are_reserved),
        cmocka_unit_test(a_signal_that_means_an_exit_is_dropped),
        cmocka_unit_test(an_exit_may_be_for_one_side),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("direction", tests, NULL, NULL);
}
