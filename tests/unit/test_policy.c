/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "router/policy.h"
#include "tests/unit/support.h"

static const struct capacity_rules usual = {
    .max_open = 10, .target_open = 3, .max_new_per_cycle = 2, .super_confidence = 0.90};

static void expect_known(const char *text, int64_t count)
{
    struct open_orders open = open_orders_read(text, strlen(text));

    assert_int_equal(open.kind, OPEN_ORDERS_KNOWN);
    assert_int_equal(open.count, count);
}

static void expect_allowance(struct capacity_rules rules, int64_t open, struct allowance wanted)
{
    struct open_orders known = {OPEN_ORDERS_KNOWN, open};
    struct allowance got = policy_slots(&rules, &known);

    assert_int_equal(got.state, wanted.state);
    assert_int_equal(got.slots, wanted.slots);
    assert_int_equal(got.allowed, wanted.allowed);
    assert_int_equal(got.supers_only, wanted.supers_only);
}

static void canonical_integers_are_known(void **state)
{
    (void)state;
    expect_known("0", 0);
    expect_known("3", 3);
    expect_known("10", 10);
    expect_known("9223372036854775807", INT64_MAX);
}

static void anything_else_is_unparseable(void **state)
{
    static const char *const wrong[] = {"",
                                        "-1",
                                        "3.5",
                                        "+5",
                                        "05",
                                        " 3",
                                        "3 ",
                                        "abc",
                                        "-0",
                                        "0x3",
                                        "1e1",
                                        "3\n",
                                        "nan",
                                        "00",
                                        "-",
                                        "9223372036854775808",
                                        "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(open_orders_read(wrong[i], strlen(wrong[i])).kind,
                         OPEN_ORDERS_UNPARSEABLE);
    assert_int_equal(open_orders_read("3\0", 2).kind, OPEN_ORDERS_UNPARSEABLE);
}

static void the_unknown_allows_nothing(void **state)
{
    struct open_orders missing = {.kind = OPEN_ORDERS_MISSING};
    struct open_orders strange = {.kind = OPEN_ORDERS_UNPARSEABLE};
    struct allowance of_missing = policy_slots(&usual, &missing);
    struct allowance of_strange = policy_slots(&usual, &strange);

    (void)state;
    assert_int_equal(of_missing.state, CAPACITY_UNKNOWN);
    assert_int_equal(of_missing.allowed, 0);
    assert_int_equal(of_missing.slots, 0);
    assert_int_equal(of_strange.state, CAPACITY_UNPARSEABLE);
    assert_int_equal(of_strange.allowed, 0);
    assert_int_equal(of_strange.slots, 0);
}

static void below_the_target_everybody_may(void **state)
{
    (void)state;
    expect_allowance(usual, 0, (struct allowance){CAPACITY_OK, 10, 2, false});
    expect_allowance(usual, 1, (struct allowance){CAPACITY_OK, 9, 2, false});
    expect_allowance(usual, 2, (struct allowance){CAPACITY_OK, 8, 1, false});
}

static void from_the_target_on_only_supers_may(void **state)
{
    (void)state;
    expect_allowance(usual, 3, (struct allowance){CAPACITY_TARGET, 7, 2, true});
    expect_allowance(usual, 8, (struct allowance){CAPACITY_TARGET, 2, 2, true});
    expect_allowance(usual, 9, (struct allowance){CAPACITY_TARGET, 1, 1, true});
}

static void at_the_cap_nobody_may(void **state)
{
    (void)state;
    expect_allowance(usual, 10, (struct allowance){CAPACITY_FULL, 0, 0, false});
    expect_allowance(usual, 11, (struct allowance){CAPACITY_FULL, 0, 0, false});
    expect_allowance(usual, INT64_MAX, (struct allowance){CAPACITY_FULL, 0, 0, false});
}

static void a_target_above_the_cap_gives_way_to_it(void **state)
{
    struct capacity_rules rules = usual;

    (void)state;
    rules.target_open = 20;
    expect_allowance(rules, 9, (struct allowance){CAPACITY_OK, 1, 1, false});
    expect_allowance(rules, 10, (struct allowance){CAPACITY_FULL, 0, 0, false});
    rules.target_open = 10;
    expect_allowance(rules, 9, (struct allowance){CAPACITY_OK, 1, 1, false});
}

static void extremes_of_the_rules(void **state)
{
    struct capacity_rules rules = {
        .max_open = 1000000, .target_open = 0, .max_new_per_cycle = 1000, .super_confidence = 0.9};

    (void)state;
    expect_allowance(rules, 0, (struct allowance){CAPACITY_TARGET, 1000000, 1000, true});
    rules.target_open = 1000000;
    expect_allowance(rules, 0, (struct allowance){CAPACITY_OK, 1000000, 1000, false});
    expect_allowance(rules, 999999, (struct allowance){CAPACITY_OK, 1, 1, false});
    rules = (struct capacity_rules){
        .max_open = 1, .target_open = 1, .max_new_per_cycle = 1, .super_confidence = 0.9};
    expect_allowance(rules, 0, (struct allowance){CAPACITY_OK, 1, 1, false});
    expect_allowance(rules, 1, (struct allowance){CAPACITY_FULL, 0, 0, false});
}

static void supers_are_at_or_above_the_bar(void **state)
{
    struct capacity_rules none_too_low = usual;

    (void)state;
    none_too_low.super_confidence = 0.0;
    assert_true(policy_is_super(&usual, 0.90));
    assert_true(policy_is_super(&usual, 1.0));
    assert_false(policy_is_super(&usual, 0.8999999999));
    assert_true(policy_is_super(&none_too_low, 0.0));
}

/* Every small case against the sentences of the contract. */
static void all_small_cases(void **state)
{
    struct capacity_rules rules = usual;

    (void)state;
    for (rules.max_open = 1; rules.max_open <= 6; rules.max_open++)
        for (rules.target_open = 0; rules.target_open <= 7; rules.target_open++)
            for (rules.max_new_per_cycle = 1; rules.max_new_per_cycle <= 4;
                 rules.max_new_per_cycle++)
                for (int64_t open = 0; open <= 8; open++) {
                    struct open_orders known = {OPEN_ORDERS_KNOWN, open};
                    struct allowance got = policy_slots(&rules, &known);
                    bool target = open >= rules.target_open;
                    assert_true(got.allowed >= 0 && got.allowed <= rules.max_new_per_cycle);
                    assert_true(open >= rules.max_open || open + got.allowed <= rules.max_open);
                    assert_int_equal(got.allowed == 0, open >= rules.max_open);
                    assert_int_equal(got.supers_only, target && open < rules.max_open);
                    assert_true(target || open + got.allowed <= rules.target_open);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_integers_are_known),
        cmocka_unit_test(anything_else_is_unparseable),
        cmocka_unit_test(the_unknown_allows_nothing),
        cmocka_unit_test(below_the_target_everybody_may),
        cmocka_unit_test(from_the_target_on_only_supers_may),
        cmocka_unit_test(at_the_cap_nobody_may),
        cmocka_unit_test(a_target_above_the_cap_gives_way_to_it),
        cmocka_unit_test(extremes_of_the_rules),
        cmocka_unit_test(supers_are_at_or_above_the_bar),
        cmocka_unit_test(all_small_cases),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
