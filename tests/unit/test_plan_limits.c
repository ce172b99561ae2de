/* SPDX-License-Identifier: MIT */
/* What holds a plan back beside the slots. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/plan_sample.h"

/* --- cooldowns */

static void a_symbol_that_rests_is_passed_over(void **state)
{
    struct cycle cycle = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2),
                                               fresh("ETH", 0.93, 3), fresh("SOL", 0.92, 4), NULL));

    (void)state;
    cycle.rules.has_cooldown = true;
    cycle.cooling[0] = cycle.cooling[1] = '1';
    cycle.marked[1] = '1';
    expect_fates(&cycle, "BTC cooldown 0, BTC duplicate 0, ETH published 1, SOL published 2");
    finish(&cycle);
}

/* The second one would be published into the rest that the first one began. */
static void a_cooldown_begins_within_the_cycle(void **state)
{
    struct cycle cycle =
        cycle_of(0, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), fresh("ETH", 0.93, 3),
                              fresh("SOL", 0.92, 4), fresh("SOL", 0.91, 5), NULL));

    (void)state;
    cycle.rules.one_per_symbol = false;
    cycle.rules.has_cooldown = true;
    expect_fates(&cycle, "BTC published 1, BTC cooldown 0, ETH published 2, SOL outranked 3, "
                         "SOL outranked 4");
    finish(&cycle);
}

static void without_the_rule_no_symbol_rests(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), NULL));

    (void)state;
    cycle.rules.one_per_symbol = false;
    expect_fates(&cycle, "BTC published 1, BTC published 2");
    finish(&cycle);
}

/* --- what is held */

static struct cycle with_held(const char *flags)
{
    struct cycle cycle = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2),
                                               fresh("ETH", 0.93, 3), fresh("SOL", 0.92, 4), NULL));

    memcpy(cycle.held, flags, strlen(flags));
    return cycle;
}

/* The place goes to the next one: of this symbol on the allowed side, or of another. */
static void whose_symbol_is_held_does_not_contend(void **state)
{
    struct cycle all = with_held("hh--");
    struct cycle one = with_held("ho--");
    struct cycle duplicate = with_held("hh--");

    (void)state;
    expect_fates(&all, "BTC symbol_held 0, BTC symbol_held 0, ETH published 1, SOL published 2");
    one.rules.passes_opposite = true;
    expect_fates(&one, "BTC symbol_held 0, BTC published 1, ETH published 2, SOL outranked 3");
    duplicate.marked[0] = '1';
    expect_fates(&duplicate,
                 "BTC duplicate 0, BTC symbol_held 0, ETH published 1, SOL published 2");
    finish(&all);
    finish(&one);
    finish(&duplicate);
}

static void the_other_side_is_another_fate(void **state)
{
    struct cycle cycle = with_held("oobb");
    struct cycle passing = with_held("oobb");
    struct cycle adding = with_held("hobb");

    (void)state;
    expect_fates(&cycle, "BTC opposite_held 0, BTC opposite_held 0, ETH symbol_held 0, "
                         "SOL symbol_held 0");
    passing.rules.passes_opposite = true;
    expect_fates(&passing, "BTC published 1, BTC same_symbol 0, ETH symbol_held 0, "
                           "SOL symbol_held 0");
    adding.rules.adds_to_held = true;
    expect_fates(&adding, "BTC published 1, BTC opposite_held 0, ETH opposite_held 0, "
                          "SOL opposite_held 0");
    finish(&cycle);
    finish(&passing);
    finish(&adding);
}

static void what_is_held_or_a_duplicate_is_no_super_that_waits(void **state)
{
    struct cycle cycle = with_held("h-o-");

    (void)state;
    cycle.snapshot.capacity.open.count = 3;
    cycle.marked[1] = '1';
    expect_fates(&cycle,
                 "BTC symbol_held 0, BTC duplicate 0, ETH opposite_held 0, SOL published 1");
    assert_int_equal(cycle.plan.fresh_supers, 1);
    finish(&cycle);
}

static void what_is_not_known_closes_where_it_is_to(void **state)
{
    struct cycle open = with_held("----");
    struct cycle closed = with_held("----");

    (void)state;
    open.snapshot.capacity.positions_unknown = closed.snapshot.capacity.positions_unknown = true;
    closed.rules.capacity.unknown_closes = true;
    expect_fates(&open, "BTC published 1, BTC same_symbol 0, ETH published 2, SOL outranked 3");
    expect_fates(&closed, "BTC no_slots 0, BTC no_slots 0, ETH no_slots 0, SOL no_slots 0");
    finish(&open);
    finish(&closed);
}

/* --- supers by the cycle, and by the hour */

/* The others had been allowed to pass: they are outranked, with their ranks. */
static void of_the_supers_of_a_cycle_the_best_passes(void **state)
{
    struct cycle cycle = cycle_of(
        3, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 2), fresh("SOL", 0.8, 3), NULL));

    (void)state;
    cycle.rules.capacity.supers_per_cycle = 1;
    expect_fates(&cycle, "BTC published 1, ETH outranked 2, SOL below_super 0");
    finish(&cycle);
}

static void expect_supers(struct cycle *cycle, const char *fates, const char *times)
{
    expect_fates(cycle, fates);
    assert_string_equal(cycle->plan.super_times, times);
    finish(cycle);
}

static struct cycle supers_at(int64_t open, const char *times)
{
    struct cycle cycle =
        cycle_of(open, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 2), NULL));

    cycle.rules.capacity.supers_per_hour = 3;
    (void)snprintf(cycle.super_times, sizeof cycle.super_times, "%s", times);
    return cycle;
}

static void supers_past_their_hourly_limit_are_below_the_bar(void **state)
{
    struct cycle none = supers_at(3, "");
    struct cycle two = supers_at(3, "1768824002998 1768824002999");
    struct cycle three = supers_at(3, "1768824002997 1768824002998 1768824002999");
    struct cycle four = supers_at(3, "1 1768824002996 1768824002997 1768824002998 1768824002999");

    (void)state;
    expect_supers(&none, "BTC published 1, ETH published 2", "1768824003000 1768824003000");
    expect_supers(&two, "BTC published 1, ETH below_super 0",
                  "1768824002998 1768824002999 1768824003000");
    expect_supers(&three, "BTC below_super 0, ETH below_super 0",
                  "1768824002997 1768824002998 1768824002999");
    expect_supers(&four, "BTC below_super 0, ETH below_super 0",
                  "1768824002996 1768824002997 1768824002998 1768824002999");
}

/* Only who passes the target is counted, and who is no longer within the hour is not. */
static void only_passing_the_target_counts(void **state)
{
    struct cycle below = supers_at(1, "1768824002997 1768824002998 1768824002999");
    struct cycle aged = supers_at(3, "1768820403000 1768820403001 x");

    (void)state;
    expect_supers(&below, "BTC published 1, ETH published 2",
                  "1768824002997 1768824002998 1768824002999");
    expect_supers(&aged, "BTC published 1, ETH published 2",
                  "1768820403001 1768824003000 1768824003000");
}

static void without_a_limit_nothing_is_noted(void **state)
{
    struct cycle cycle = supers_at(3, "1768824002997 1768824002998 1768824002999");

    (void)state;
    cycle.rules.capacity.supers_per_hour = 0;
    expect_supers(&cycle, "BTC published 1, ETH published 2", "");
}

/* Who may not pass the target is told that, whatever else is wrong with it. */
static void below_the_bar_comes_before_duplicate(void **state)
{
    struct cycle cycle = cycle_of(3, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.8, 2), NULL));

    (void)state;
    cycle.marked[0] = cycle.marked[1] = '1';
    expect_fates(&cycle, "BTC duplicate 0, ETH below_super 0");
    finish(&cycle);
}

/* --- the other limits */

static void the_day_lets_the_last_one_pass(void **state)
{
    struct cycle last = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.9, 2), NULL));
    struct cycle over = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.9, 2), NULL));

    (void)state;
    last.rules.capacity.max_daily = over.rules.capacity.max_daily = 200;
    last.snapshot.capacity.published_today = 199;
    over.snapshot.capacity.published_today = 200;
    expect_fates(&last, "BTC published 1, ETH outranked 2");
    expect_fates(&over, "BTC no_slots 0, ETH no_slots 0");
    finish(&last);
    finish(&over);
}

static void the_minute_lets_the_last_one_pass_and_is_noted(void **state)
{
    struct cycle last = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.9, 2), NULL));
    struct cycle over = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.9, 2), NULL));

    (void)state;
    last.rules.capacity.max_per_minute = over.rules.capacity.max_per_minute = 5;
    (void)snprintf(last.minute_counts, sizeof last.minute_counts,
                   "1768823942000:2 1768824000000:4");
    (void)snprintf(over.minute_counts, sizeof over.minute_counts,
                   "1768823942001:1 1768824000000:4");
    last.snapshot.capacity.published_minute = 4;
    over.snapshot.capacity.published_minute = 5;
    expect_fates(&last, "BTC published 1, ETH outranked 2");
    expect_fates(&over, "BTC no_slots 0, ETH no_slots 0");
    assert_string_equal(last.plan.minute_counts, "1768824000000:4 1768824003000:1");
    assert_string_equal(over.plan.minute_counts, "1768823942001:1 1768824000000:4");
    finish(&last);
    finish(&over);
}

static void without_a_limit_no_minute_is_noted(void **state)
{
    struct cycle cycle = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    (void)snprintf(cycle.minute_counts, sizeof cycle.minute_counts, "1768824000000:4");
    expect_fates(&cycle, "BTC published 1");
    assert_string_equal(cycle.plan.minute_counts, "");
    finish(&cycle);
}

static void a_state_that_was_rolled_back_is_no_slots(void **state)
{
    struct cycle cycle = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    cycle.snapshot.capacity.rolled_back = true;
    expect_fates(&cycle, "BTC no_slots 0");
    finish(&cycle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_symbol_that_rests_is_passed_over),
        cmocka_unit_test(a_cooldown_begins_within_the_cycle),
        cmocka_unit_test(without_the_rule_no_symbol_rests),
        cmocka_unit_test(whose_symbol_is_held_does_not_contend),
        cmocka_unit_test(the_other_side_is_another_fate),
        cmocka_unit_test(what_is_held_or_a_duplicate_is_no_super_that_waits),
        cmocka_unit_test(what_is_not_known_closes_where_it_is_to),
        cmocka_unit_test(of_the_supers_of_a_cycle_the_best_passes),
        cmocka_unit_test(supers_past_their_hourly_limit_are_below_the_bar),
        cmocka_unit_test(only_passing_the_target_counts),
        cmocka_unit_test(without_a_limit_nothing_is_noted),
        cmocka_unit_test(below_the_bar_comes_before_duplicate),
        cmocka_unit_test(the_day_lets_the_last_one_pass),
        cmocka_unit_test(the_minute_lets_the_last_one_pass_and_is_noted),
        cmocka_unit_test(without_a_limit_no_minute_is_noted),
        cmocka_unit_test(a_state_that_was_rolled_back_is_no_slots),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan_limits", tests, NULL, NULL);
}
