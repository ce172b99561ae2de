/* SPDX-License-Identifier: MIT */
#include <float.h>

#include "router/decide/sizing.h"
#include "tests/unit/sizing_cases.h"
#include "tests/unit/support.h"

static const struct sizing_rules usual = {
    .max_position_usd = 10000.0, .factor = {1.30, 1.10}, .min_confidence = {0.0, 0.0}};

static void expect_size(unsigned rank, double base_usd, double wanted_usd)
{
    struct sizing sizing = sizing_apply(&usual, rank, base_usd, 0.8);

    assert_true(sizing.base_usd == base_usd);
    assert_true(sizing.size_usd == wanted_usd);
    assert_true(sizing.boosted_usd == wanted_usd);
    assert_false(sizing.clamped);
    assert_true(sizing.factor == sizing.boost);
}

static void the_best_two_get_more(void **state)
{
    (void)state;
    expect_size(1, 100.0, 130.0);
    expect_size(2, 100.0, 110.0);
    expect_size(3, 100.0, 100.0);
    expect_size(1000, 100.0, 100.0);
    expect_size(1, 84.85, 110.3);
}

static void exact_halves_go_to_the_even_cent(void **state)
{
    (void)state;
    expect_size(1, 0.05, 0.06);
    expect_size(1, 0.15, 0.2);
    expect_size(1, 0.25, 0.32);
    expect_size(3, 0.125, 0.12);
    expect_size(3, 0.135, 0.14);
}

static void every_case_is_exact_to_the_cent(void **state)
{
    struct sizing_rules rules = usual;

    (void)state;
    rules.max_position_usd = 1e9;
    for (size_t i = 0; i < COUNT(size_cases); i++) {
        const struct sizing_case *row = &size_cases[i];
        rules.factor[0] = row->factor;
        struct sizing sizing = sizing_apply(&rules, 1, row->value, 0.9);
        if (sizing.boosted_usd != row->wanted)
            fail_msg("%.17g * %.17g is %.17g, wanted %.17g", row->value, row->factor,
                     sizing.boosted_usd, row->wanted);
        assert_true(sizing.size_usd == row->wanted);
        assert_false(sizing.clamped);
    }
}

static void nobody_gets_more_than_the_ceiling(void **state)
{
    struct sizing over = sizing_apply(&usual, 1, 10000.0, 0.9);
    struct sizing just_over = sizing_apply(&usual, 1, 7692.32, 0.9);
    struct sizing just_fits = sizing_apply(&usual, 1, 7692.3, 0.9);
    struct sizing at_it = sizing_apply(&usual, 3, 10000.0, 0.9);

    (void)state;
    assert_true(over.boosted_usd == 13000.0 && over.size_usd == 10000.0);
    assert_true(over.clamped && over.boost == 1.3 && over.factor == 1.0);
    assert_true(just_over.boosted_usd == 10000.02 && just_over.size_usd == 10000.0);
    assert_true(just_over.clamped && just_over.factor == 10000.0 / 7692.32);
    assert_true(just_fits.size_usd == 9999.99 && !just_fits.clamped);
    assert_true(at_it.size_usd == 10000.0 && !at_it.clamped && at_it.factor == 1.0);
}

static void a_boost_can_want_a_confidence(void **state)
{
    struct sizing_rules rules = usual;

    (void)state;
    rules.min_confidence[0] = 0.95;
    rules.min_confidence[1] = 0.85;
    assert_true(sizing_apply(&rules, 1, 100.0, 0.95).size_usd == 130.0);
    assert_true(sizing_apply(&rules, 1, 100.0, 0.9499).size_usd == 100.0);
    assert_true(sizing_apply(&rules, 1, 100.0, 0.9499).boost == 1.0);
    assert_true(sizing_apply(&rules, 2, 100.0, 0.85).size_usd == 110.0);
    assert_true(sizing_apply(&rules, 2, 100.0, 0.8499).size_usd == 100.0);
    assert_true(sizing_apply(&rules, 3, 100.0, 0.1).size_usd == 100.0);
}

static void tiny_sizes_round_to_nothing(void **state)
{
    (void)state;
    expect_size(3, 0.005, 0.0);
    expect_size(3, 0.0049, 0.0);
    expect_size(1, 0.0038, 0.0);
    expect_size(1, 0.0039, 0.01);
    expect_size(1, DBL_MIN, 0.0);
    expect_size(1, 5e-324, 0.0);
}

static void every_quantity_is_exact_to_eight_decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quantity_cases); i++) {
        const struct sizing_case *row = &quantity_cases[i];
        struct sizing sizing = {.factor = row->factor};
        double quantity = sizing_quantity(&sizing, row->value);
        if (quantity != row->wanted)
            fail_msg("%.17g * %.17g is %.17g, wanted %.17g", row->value, row->factor, quantity,
                     row->wanted);
    }
}

static void a_quantity_goes_with_what_was_really_applied(void **state)
{
    struct sizing clamped = sizing_apply(&usual, 1, 8000.0, 0.9);

    (void)state;
    assert_true(clamped.factor == 1.25);
    assert_true(sizing_quantity(&clamped, 0.4) == 0.5);
}

static void a_quantity_past_all_numbers_stays(void **state)
{
    struct sizing sizing = {.factor = 1.3};

    (void)state;
    assert_true(sizing_quantity(&sizing, DBL_MAX) == DBL_MAX);
    assert_true(sizing_quantity(&sizing, 1e300) == 1e300 * 1.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_two_get_more),
        cmocka_unit_test(exact_halves_go_to_the_even_cent),
        cmocka_unit_test(every_case_is_exact_to_the_cent),
        cmocka_unit_test(nobody_gets_more_than_the_ceiling),
        cmocka_unit_test(a_boost_can_want_a_confidence),
        cmocka_unit_test(tiny_sizes_round_to_nothing),
        cmocka_unit_test(every_quantity_is_exact_to_eight_decimals),
        cmocka_unit_test(a_quantity_goes_with_what_was_really_applied),
        cmocka_unit_test(a_quantity_past_all_numbers_stays),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sizing", tests, NULL, NULL);
}
