/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/plan_sample.h"

static struct signal *deciding(struct signal *signal, const char *decision_id)
{
    (void)snprintf(signal->decision_id, sizeof signal->decision_id, "%s", decision_id);
    return signal;
}

static struct signal *sized(struct signal *signal, double usd)
{
    signal->position_size_usd = usd;
    return signal;
}

static void the_best_of_each_symbol_take_the_places(void **state)
{
    struct cycle cycle =
        cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), fresh("ETH", 0.93, 3),
                              fresh("SOL", 0.80, 4), fresh("SOL", 0.79, 5), NULL));

    (void)state;
    expect_fates(&cycle, "BTC published 1, BTC same_symbol 0, ETH published 2, SOL outranked 3, "
                         "SOL same_symbol 0");
    assert_int_equal(cycle.plan.chosen, 2);
    assert_int_equal(cycle.plan.choices[0].index, 0);
    assert_int_equal(cycle.plan.choices[1].index, 2);
    assert_true(cycle.plan.choices[0].sizing.size_usd == 130.0);
    assert_true(cycle.plan.choices[1].sizing.size_usd == 110.0);
    assert_int_equal(cycle.plan.fresh_supers, 3);
    assert_int_equal(cycle.plan.allowance.state, CAPACITY_OK);
    finish(&cycle);
}

static void an_empty_window_still_says_the_capacity(void **state)
{
    struct cycle cycle = cycle_of(3, (struct window){0});

    (void)state;
    expect_fates(&cycle, "");
    assert_int_equal(cycle.plan.allowance.state, CAPACITY_TARGET);
    assert_int_equal(cycle.plan.chosen, 0);
    finish(&cycle);
}

static void nothing_allowed_is_no_slots(void **state)
{
    struct cycle full = cycle_of(10, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.9, 2), NULL));
    struct cycle unknown = cycle_of(0, window_of(fresh("BTC", 0.95, 1), NULL));
    struct cycle strange = cycle_of(0, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    unknown.snapshot.capacity.open.kind = OPEN_ORDERS_MISSING;
    strange.snapshot.capacity.open.kind = OPEN_ORDERS_UNPARSEABLE;
    full.marked[0] = '1';
    expect_fates(&full, "BTC no_slots 0, BTC no_slots 0");
    expect_fates(&unknown, "BTC no_slots 0");
    expect_fates(&strange, "BTC no_slots 0");
    finish(&full);
    finish(&unknown);
    finish(&strange);
}

static void from_the_target_on_only_supers(void **state)
{
    struct cycle cycle =
        cycle_of(3, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.90, 2), fresh("SOL", 0.8999, 3),
                              fresh("XRP", 0.75, 4), NULL));

    (void)state;
    cycle.rules.capacity.max_new_per_cycle = 3;
    expect_fates(&cycle, "BTC published 1, ETH published 2, SOL below_super 0, XRP below_super 0");
    assert_int_equal(cycle.plan.fresh_supers, 2);
    finish(&cycle);
}

/* By its own timestamp, too. */
static void what_was_said_too_long_ago_is_stale(void **state)
{
    struct signal *old = fresh("BTC", 0.95, 1);

    (void)state;
    old->dated_ms = NOW_MS - 30001;
    struct cycle cycle = cycle_of(1, window_of(old, fresh("ETH", 0.90, 2), NULL));
    expect_fates(&cycle, "BTC stale 0, ETH published 1");
    finish(&cycle);
}

/* The best of the symbol by score may be below the bar while the next one is above it. */
static void below_the_bar_hides_nobody_of_its_symbol(void **state)
{
    struct signal *scored = fresh("BTC", 0.89, 1);

    (void)state;
    scored->gate_passed = true;
    struct cycle cycle = cycle_of(3, window_of(scored, fresh("BTC", 0.90, 2), NULL));
    expect_fates(&cycle, "BTC below_super 0, BTC published 1");
    finish(&cycle);
}

static void safe_mode_stops_all_but_the_stale(void **state)
{
    struct cycle cycle =
        cycle_of(1, window_of(fresh("BTC", 0.95, 1), signal_of("ETH", 0.9, NOW_MS - 30001), NULL));

    (void)state;
    cycle.snapshot.safe_mode = true;
    expect_fates(&cycle, "BTC safe_mode 0, ETH stale 0");
    assert_true(cycle.plan.safe_mode);
    assert_int_equal(cycle.plan.chosen, 0);
    finish(&cycle);
}

static void the_stale_leave_their_symbol_to_others(void **state)
{
    struct cycle cycle = cycle_of(1, window_of(signal_of("BTC", 0.95, NOW_MS - 30001),
                                               signal_of("BTC", 0.94, NOW_MS - 30000), NULL));

    (void)state;
    expect_fates(&cycle, "BTC stale 0, BTC published 1");
    assert_int_equal(cycle.plan.fresh_supers, 1);
    finish(&cycle);
}

static void a_published_decision_leaves_its_place_to_the_next(void **state)
{
    struct cycle cycle = cycle_of(
        2, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), fresh("ETH", 0.93, 3), NULL));

    (void)state;
    cycle.marked[0] = '1';
    expect_fates(&cycle, "BTC duplicate 0, BTC published 1, ETH outranked 2");
    finish(&cycle);
}

static void a_decision_takes_one_place_in_a_cycle(void **state)
{
    struct cycle cycle =
        cycle_of(1, window_of(deciding(fresh("BTC", 0.95, 1), "d"),
                              deciding(fresh("ETH", 0.94, 2), "d"), fresh("ETH", 0.93, 3), NULL));

    (void)state;
    expect_fates(&cycle, "BTC published 1, ETH duplicate 0, ETH published 2");
    finish(&cycle);
}

/* Only who took a place makes others duplicates: an outranked decision does not. */
static void an_outranked_decision_makes_no_duplicates(void **state)
{
    struct cycle cycle =
        cycle_of(2, window_of(fresh("BTC", 0.95, 1), deciding(fresh("ETH", 0.94, 2), "d"),
                              deciding(fresh("SOL", 0.93, 3), "d"), NULL));

    (void)state;
    expect_fates(&cycle, "BTC published 1, ETH outranked 2, SOL outranked 3");
    finish(&cycle);
}

static void one_per_symbol_can_be_off(void **state)
{
    struct cycle cycle = cycle_of(
        0, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), fresh("BTC", 0.93, 3), NULL));

    (void)state;
    cycle.rules.one_per_symbol = false;
    expect_fates(&cycle, "BTC published 1, BTC published 2, BTC outranked 3");
    finish(&cycle);
}

static void a_size_of_nothing_is_invalid_and_takes_no_rank(void **state)
{
    struct cycle cycle =
        cycle_of(0, window_of(sized(fresh("BTC", 0.95, 1), 0.003), fresh("BTC", 0.94, 2),
                              sized(fresh("ETH", 0.93, 3), 0.0049), NULL));

    (void)state;
    expect_fates(&cycle, "BTC invalid 0, BTC published 1, ETH published 2");
    assert_true(cycle.plan.choices[0].sizing.size_usd == 130.0);
    assert_true(cycle.plan.choices[1].sizing.size_usd == 0.01);
    finish(&cycle);
}

/* What has no place is not sized. */
static void a_size_of_nothing_past_the_places_is_outranked(void **state)
{
    struct cycle cycle =
        cycle_of(2, window_of(fresh("BTC", 0.95, 1), sized(fresh("ETH", 0.94, 2), 0.001), NULL));

    (void)state;
    expect_fates(&cycle, "BTC published 1, ETH outranked 2");
    finish(&cycle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_each_symbol_take_the_places),
        cmocka_unit_test(an_empty_window_still_says_the_capacity),
        cmocka_unit_test(nothing_allowed_is_no_slots),
        cmocka_unit_test(from_the_target_on_only_supers),
        cmocka_unit_test(what_was_said_too_long_ago_is_stale),
        cmocka_unit_test(below_the_bar_hides_nobody_of_its_symbol),
        cmocka_unit_test(safe_mode_stops_all_but_the_stale),
        cmocka_unit_test(the_stale_leave_their_symbol_to_others),
        cmocka_unit_test(a_published_decision_leaves_its_place_to_the_next),
        cmocka_unit_test(a_decision_takes_one_place_in_a_cycle),
        cmocka_unit_test(an_outranked_decision_makes_no_duplicates),
        cmocka_unit_test(one_per_symbol_can_be_off),
        cmocka_unit_test(a_size_of_nothing_is_invalid_and_takes_no_rank),
        cmocka_unit_test(a_size_of_nothing_past_the_places_is_outranked),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
