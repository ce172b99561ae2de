/* SPDX-License-Identifier: MIT */
#include "executor/decide/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct breaker_rules rules = {.failures = 3, .window_ms = 1000, .pause_ms = 500};

static void opens_after_so_many_failures_in_the_window(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    assert_false(breaker_fail(&breaker, &rules, 1000));
    assert_false(breaker_fail(&breaker, &rules, 1500));
    assert_true(breaker_fail(&breaker, &rules, 2000));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker.until_ms, 2500);
}

static void failures_far_apart_do_not_count_together(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (uint64_t now_ms = 1000; now_ms < 100000; now_ms += 501)
        assert_false(breaker_fail(&breaker, &rules, now_ms));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void an_answer_between_failures_changes_nothing(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    assert_false(breaker_fail(&breaker, &rules, 1000));
    assert_false(breaker_answer(&breaker));
    assert_false(breaker_fail(&breaker, &rules, 1001));
    assert_true(breaker_fail(&breaker, &rules, 1002));
}

static void one_failure_can_be_enough(void **state)
{
    const struct breaker_rules strict = {.failures = 1, .window_ms = 1, .pause_ms = 1};
    struct breaker breaker = {0};

    (void)state;
    assert_true(breaker_fail(&breaker, &strict, 7));
}

static void the_ring_holds_as_many_as_the_rules_may_ask_for(void **state)
{
    const struct breaker_rules lenient = {.failures = BREAKER_FAILURES_MAX, .window_ms = 1000};
    struct breaker breaker = {0};

    (void)state;
    for (uint64_t i = 1; i < BREAKER_FAILURES_MAX; i++)
        assert_false(breaker_fail(&breaker, &lenient, i));
    assert_true(breaker_fail(&breaker, &lenient, BREAKER_FAILURES_MAX));
}

static void probes_after_the_pause_and_closes(void **state)
{
    struct breaker breaker = {.state = BREAKER_OPEN, .until_ms = 500};

    (void)state;
    assert_false(breaker_tick(&breaker, 499));
    assert_true(breaker_tick(&breaker, 500));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_false(breaker_tick(&breaker, 501));
    assert_true(breaker_answer(&breaker));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_false(breaker_fail(&breaker, &rules, 502));
    assert_false(breaker_fail(&breaker, &rules, 502));
    assert_true(breaker_fail(&breaker, &rules, 502));
}

static void a_probe_that_fails_opens_it_again(void **state)
{
    struct breaker breaker = {.state = BREAKER_HALF_OPEN};

    (void)state;
    assert_true(breaker_fail(&breaker, &rules, 1000));
    assert_int_equal(breaker.until_ms, 1500);
}

static void what_failed_before_it_opened_is_forgotten_when_it_closes(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 3; i++)
        (void)breaker_fail(&breaker, &rules, 1000);
    assert_true(breaker_tick(&breaker, breaker.until_ms));
    assert_true(breaker_answer(&breaker));
    assert_false(breaker_fail(&breaker, &rules, 1001));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

/* They were asked before it opened. */
static void late_ones_do_not_move_an_open_breaker(void **state)
{
    struct breaker breaker = {.state = BREAKER_OPEN, .until_ms = 500};

    (void)state;
    assert_false(breaker_answer(&breaker));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    for (int i = 0; i < 3; i++)
        assert_false(breaker_fail(&breaker, &rules, 400));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker.until_ms, 900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_so_many_failures_in_the_window),
        cmocka_unit_test(failures_far_apart_do_not_count_together),
        cmocka_unit_test(an_answer_between_failures_changes_nothing),
        cmocka_unit_test(one_failure_can_be_enough),
        cmocka_unit_test(the_ring_holds_as_many_as_the_rules_may_ask_for),
        cmocka_unit_test(probes_after_the_pause_and_closes),
        cmocka_unit_test(a_probe_that_fails_opens_it_again),
        cmocka_unit_test(what_failed_before_it_opened_is_forgotten_when_it_closes),
        cmocka_unit_test(late_ones_do_not_move_an_open_breaker),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
