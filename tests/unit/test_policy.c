/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "router/decide/policy.h"
#include "tests/unit/support.h"

static const struct capacity_rules usual = {.max_open = 10,
                                            .target_open = 3,
                                            .max_new_per_cycle = 2,
                                            .super_confidence = 0.90,
                                            .suspect_after = 10};

struct wanted {
    enum capacity_state state;
    int64_t slots;
    int64_t allowed;
    bool supers_only;
};

static struct capacity open_of(int64_t open)
{
    return (struct capacity){.open = {OPEN_ORDERS_KNOWN, open}};
}

static void expect_known(const char *text, int64_t count)
{
    struct open_orders open = open_orders_read(text, strlen(text));

    assert_int_equal(open.kind, OPEN_ORDERS_KNOWN);
    assert_int_equal(open.count, count);
}

static void expect_allowance(struct capacity_rules rules, int64_t open, struct wanted wanted)
{
    struct capacity capacity = open_of(open);
    struct allowance got = policy_slots(&rules, &capacity);

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
    struct capacity missing = {.open = {.kind = OPEN_ORDERS_MISSING}};
    struct capacity strange = {.open = {.kind = OPEN_ORDERS_UNPARSEABLE}};
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
    expect_allowance(usual, 0, (struct wanted){CAPACITY_OK, 10, 2, false});
    expect_allowance(usual, 1, (struct wanted){CAPACITY_OK, 9, 2, false});
    expect_allowance(usual, 2, (struct wanted){CAPACITY_OK, 8, 1, false});
}

static void from_the_target_on_only_supers_may(void **state)
{
    (void)state;
    expect_allowance(usual, 3, (struct wanted){CAPACITY_TARGET, 7, 2, true});
    expect_allowance(usual, 8, (struct wanted){CAPACITY_TARGET, 2, 2, true});
    expect_allowance(usual, 9, (struct wanted){CAPACITY_TARGET, 1, 1, true});
}

/* A limit of those that pass the target, and of nobody else. */
static void supers_have_a_limit_of_a_cycle(void **state)
{
    struct capacity_rules rules = usual;

    (void)state;
    rules.max_new_per_cycle = 4;
    rules.supers_per_cycle = 1;
    expect_allowance(rules, 3, (struct wanted){CAPACITY_TARGET, 7, 1, true});
    expect_allowance(rules, 10, (struct wanted){CAPACITY_FULL, 0, 0, false});
    expect_allowance(rules, 0, (struct wanted){CAPACITY_OK, 10, 3, false});
    rules.supers_per_cycle = 3;
    expect_allowance(rules, 3, (struct wanted){CAPACITY_TARGET, 7, 3, true});
    expect_allowance(rules, 8, (struct wanted){CAPACITY_TARGET, 2, 2, true});
    rules.supers_per_cycle = 5;
    expect_allowance(rules, 3, (struct wanted){CAPACITY_TARGET, 7, 4, true});
}

static void at_the_cap_nobody_may(void **state)
{
    (void)state;
    expect_allowance(usual, 10, (struct wanted){CAPACITY_FULL, 0, 0, false});
    expect_allowance(usual, 11, (struct wanted){CAPACITY_FULL, 0, 0, false});
    expect_allowance(usual, INT64_MAX, (struct wanted){CAPACITY_FULL, 0, 0, false});
}

static void a_target_above_the_cap_gives_way_to_it(void **state)
{
    struct capacity_rules rules = usual;

    (void)state;
    rules.target_open = 20;
    expect_allowance(rules, 9, (struct wanted){CAPACITY_OK, 1, 1, false});
    expect_allowance(rules, 10, (struct wanted){CAPACITY_FULL, 0, 0, false});
    rules.target_open = 10;
    expect_allowance(rules, 9, (struct wanted){CAPACITY_OK, 1, 1, false});
}

static void extremes_of_the_rules(void **state)
{
    struct capacity_rules rules = {
        .max_open = 1000000, .target_open = 0, .max_new_per_cycle = 1000, .super_confidence = 0.9};

    (void)state;
    expect_allowance(rules, 0, (struct wanted){CAPACITY_TARGET, 1000000, 1000, true});
    rules.target_open = 1000000;
    expect_allowance(rules, 0, (struct wanted){CAPACITY_OK, 1000000, 1000, false});
    expect_allowance(rules, 999999, (struct wanted){CAPACITY_OK, 1, 1, false});
    rules = (struct capacity_rules){
        .max_open = 1, .target_open = 1, .max_new_per_cycle = 1, .super_confidence = 0.9};
    expect_allowance(rules, 0, (struct wanted){CAPACITY_OK, 1, 1, false});
    expect_allowance(rules, 1, (struct wanted){CAPACITY_FULL, 0, 0, false});
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
                    struct capacity capacity = open_of(open);
                    struct allowance got = policy_slots(&rules, &capacity);
                    bool target = open >= rules.target_open;
                    assert_true(got.allowed >= 0 && got.allowed <= rules.max_new_per_cycle);
                    assert_true(open >= rules.max_open || open + got.allowed <= rules.max_open);
                    assert_int_equal(got.allowed == 0, open >= rules.max_open);
                    assert_int_equal(got.supers_only, target && open < rules.max_open);
                    assert_true(target || open + got.allowed <= rules.target_open);
                }
}

/* --- in flight */

static struct allowance allowance_of(struct capacity_rules rules, struct capacity capacity)
{
    return policy_slots(&rules, &capacity);
}

/* Whatever stands in the key and whatever is on its way: only the sum counts. */
static void what_is_in_flight_counts_as_open(void **state)
{
    (void)state;
    for (int64_t open = 0; open <= 12; open++)
        for (int64_t in_flight = 0; in_flight <= 12; in_flight++) {
            struct capacity both = open_of(open);
            both.in_flight = in_flight;
            struct allowance got = allowance_of(usual, both);
            struct allowance sum = allowance_of(usual, open_of(open + in_flight));
            assert_int_equal(got.in_flight, in_flight);
            assert_int_equal(got.state, sum.state);
            assert_int_equal(got.slots, sum.slots);
            assert_int_equal(got.allowed, sum.allowed);
            assert_int_equal(got.supers_only, sum.supers_only);
        }
}

static void the_sum_does_not_overflow(void **state)
{
    static const int64_t large[] = {INT64_MAX, INT64_MAX - 1, INT64_MAX - 10};

    (void)state;
    for (size_t i = 0; i < COUNT(large); i++)
        for (int64_t in_flight = 0; in_flight <= 11; in_flight++) {
            struct capacity capacity = open_of(large[i]);
            capacity.in_flight = in_flight;
            struct allowance got = allowance_of(usual, capacity);
            assert_int_equal(got.state, CAPACITY_FULL);
            assert_int_equal(got.allowed, 0);
        }
}

/* One that was named must be there; with auto or none it need not. */
static void a_missing_group_counts_only_when_it_was_named(void **state)
{
    struct capacity_rules named = usual;
    struct capacity capacity = open_of(1);

    (void)state;
    named.in_flight_needed = true;
    capacity.in_flight = -1;
    assert_int_equal(allowance_of(named, capacity).state, CAPACITY_UNKNOWN);
    assert_int_equal(allowance_of(named, capacity).allowed, 0);
    assert_int_equal(allowance_of(usual, capacity).state, CAPACITY_OK);
    assert_int_equal(allowance_of(usual, capacity).allowed, 2);
    assert_int_equal(allowance_of(usual, capacity).in_flight, 0);
    capacity.in_flight = 1;
    assert_int_equal(allowance_of(named, capacity).allowed, 1);
    capacity.in_flight = 0;
    assert_int_equal(allowance_of(named, capacity).allowed, 2);
}

/* --- what else holds back */

static void a_key_that_nobody_keeps_is_suspect(void **state)
{
    struct capacity_rules closing = usual;
    struct capacity capacity = open_of(1);

    (void)state;
    closing.suspect_closes = true;
    capacity.published_since = 9;
    assert_false(allowance_of(usual, capacity).suspect);
    assert_int_equal(allowance_of(closing, capacity).allowed, 2);
    capacity.published_since = 10;
    assert_true(allowance_of(usual, capacity).suspect);
    assert_int_equal(allowance_of(usual, capacity).allowed, 2);
    assert_true(allowance_of(closing, capacity).suspect);
    assert_int_equal(allowance_of(closing, capacity).allowed, 0);
    assert_int_equal(allowance_of(closing, capacity).state, CAPACITY_OK);
}

static void expect_day(int64_t max, int64_t trades, int64_t allowed, bool limited)
{
    struct capacity_rules rules = usual;
    struct capacity capacity = open_of(1);

    rules.max_daily = max;
    capacity.published_today = trades;
    struct allowance got = allowance_of(rules, capacity);
    assert_int_equal(got.allowed, allowed);
    assert_int_equal(got.daily_limit, limited);
    assert_int_equal(got.state, CAPACITY_OK);
}

static void the_day_has_a_limit(void **state)
{
    (void)state;
    expect_day(200, 0, 2, false);
    expect_day(200, 198, 2, false);
    expect_day(200, 199, 1, true);
    expect_day(200, 200, 0, true);
    expect_day(200, 201, 0, true);
    expect_day(200, INT64_MAX, 0, true);
    expect_day(1, 0, 1, true);
    expect_day(0, 0, 2, false);
    expect_day(0, INT64_MAX, 2, false);
    expect_day(INT64_MAX, INT64_MAX - 1, 1, true);
}

static void expect_minute(int64_t max, int64_t published, int64_t allowed, bool limited)
{
    struct capacity_rules rules = usual;
    struct capacity capacity = open_of(1);

    rules.max_per_minute = max;
    capacity.published_minute = published;
    struct allowance got = allowance_of(rules, capacity);
    assert_int_equal(got.allowed, allowed);
    assert_int_equal(got.pace_limit, limited);
    assert_false(got.daily_limit);
    assert_int_equal(got.state, CAPACITY_OK);
}

static void the_minute_has_a_limit(void **state)
{
    (void)state;
    expect_minute(5, 0, 2, false);
    expect_minute(5, 3, 2, false);
    expect_minute(5, 4, 1, true);
    expect_minute(5, 5, 0, true);
    expect_minute(5, 6, 0, true);
    expect_minute(1, 0, 1, true);
    expect_minute(0, INT64_MAX, 2, false);
}

/* Who leaves less is the one that is told. */
static void of_the_day_and_the_minute_the_lesser_counts(void **state)
{
    struct capacity_rules rules = usual;
    struct capacity capacity = open_of(1);

    (void)state;
    rules.max_daily = 200;
    rules.max_per_minute = 5;
    capacity.published_today = 199;
    capacity.published_minute = 4;
    assert_int_equal(allowance_of(rules, capacity).allowed, 1);
    assert_true(allowance_of(rules, capacity).daily_limit);
    assert_false(allowance_of(rules, capacity).pace_limit);
    capacity.published_minute = 5;
    assert_int_equal(allowance_of(rules, capacity).allowed, 0);
    assert_true(allowance_of(rules, capacity).pace_limit);
}

/* Where nothing is allowed anyway the day is not to blame. */
static void a_full_day_is_not_told_beside_full_orders(void **state)
{
    struct capacity_rules rules = usual;
    struct capacity capacity = open_of(10);

    (void)state;
    rules.max_daily = 200;
    capacity.published_today = 200;
    assert_int_equal(allowance_of(rules, capacity).state, CAPACITY_FULL);
    assert_false(allowance_of(rules, capacity).daily_limit);
}

static void a_state_that_was_rolled_back_allows_nothing(void **state)
{
    struct capacity capacity = open_of(1);

    (void)state;
    capacity.rolled_back = true;
    assert_int_equal(allowance_of(usual, capacity).allowed, 0);
    assert_int_equal(allowance_of(usual, capacity).state, CAPACITY_OK);
    capacity.open.count = 5;
    assert_int_equal(allowance_of(usual, capacity).allowed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_integers_are_known),
        cmocka_unit_test(anything_else_is_unparseable),
        cmocka_unit_test(the_unknown_allows_nothing),
        cmocka_unit_test(below_the_target_everybody_may),
        cmocka_unit_test(from_the_target_on_only_supers_may),
        cmocka_unit_test(supers_have_a_limit_of_a_cycle),
        cmocka_unit_test(at_the_cap_nobody_may),
        cmocka_unit_test(a_target_above_the_cap_gives_way_to_it),
        cmocka_unit_test(extremes_of_the_rules),
        cmocka_unit_test(supers_are_at_or_above_the_bar),
        cmocka_unit_test(all_small_cases),
        cmocka_unit_test(what_is_in_flight_counts_as_open),
        cmocka_unit_test(the_sum_does_not_overflow),
        cmocka_unit_test(a_missing_group_counts_only_when_it_was_named),
        cmocka_unit_test(a_key_that_nobody_keeps_is_suspect),
        cmocka_unit_test(the_day_has_a_limit),
        cmocka_unit_test(the_minute_has_a_limit),
        cmocka_unit_test(of_the_day_and_the_minute_the_lesser_counts),
        cmocka_unit_test(a_full_day_is_not_told_beside_full_orders),
        cmocka_unit_test(a_state_that_was_rolled_back_allows_nothing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
