/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/decide/what_if_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "ctl/past/other_policy.h"
#include "tests/unit/plan_sample.h"
#include "tests/unit/record_sample.h"

/* Ids of intents are those of the sample: each test records one window. */
static struct recorded recorded;
static struct what_if_book book;

/* Two are published, and the third is outranked. */
static void record_window(void)
{
    struct window window = {0};

    for (unsigned i = 0; i < 3; i++) {
        static const char *const symbols[] = {"AUSDT", "BUSDT", "CUSDT"};
        window_add(&window,
                   ranking_score(&(struct score_rules){0}, fresh(symbols[i], 0.95 - i / 100.0, i)));
    }
    struct cycle cycle = cycle_of(0, window);
    cycle.rules.capacity.max_new_per_cycle = 2;
    cycle_decide(&cycle);
    assert_int_equal(cycle.plan.chosen, 2);
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "");
    finish(&cycle);
}

static int begin(void **state)
{
    (void)state;
    record_window();
    what_if_book_init(&book, 2, 10);
    return 0;
}

static int end(void **state)
{
    (void)state;
    what_if_book_release(&book);
    recorded_release(&recorded);
    recorded = (struct recorded){0};
    record_sample_release();
    return 0;
}

/* The first variant chooses as it was, the second the first and the third. */
static void add_window(void)
{
    static const uint64_t chosen_by[] = {3, 1, 2};

    what_if_book_window(&book, &recorded, 3, chosen_by);
    what_if_book_begin(&book);
}

static void price_all(int64_t at_ms, double a, double b, double c)
{
    what_if_book_price(&book, at_ms, "AUSDT", a);
    what_if_book_price(&book, at_ms, "BUSDT", b);
    what_if_book_price(&book, at_ms, "CUSDT", c);
}

enum { QUARTER_MS = 15 * 60 * 1000 };

static void test_each_intent_has_one_outcome(void **state)
{
    int64_t now_ms = recorded.snapshot.now_ms;

    (void)state;
    add_window();
    price_all(now_ms - 1000, 100, 100, 100);
    what_if_book_price(&book, now_ms + QUARTER_MS - 1000, "CUSDT", 102);
    what_if_book_price(&book, now_ms + QUARTER_MS + 1, "CUSDT", 50);
    what_if_book_close(&book);
    struct what_if_answer answer = what_if_book_ask(&book, 1);
    assert_int_equal(answer.of[TRADE_UNKNOWN][WHAT_IF_BOTH], 1);
    assert_int_equal(answer.of[TRADE_UNKNOWN][WHAT_IF_ONLY_LIVE], 1);
    assert_int_equal(answer.of[TRADE_ESTIMATED][WHAT_IF_ONLY_VARIANT], 1);
    assert_int_equal(what_if_part_sum(&answer, WHAT_IF_BOTH), 1);
    assert_true(answer.coverage > 0.33 && answer.coverage < 0.34);
    const struct answer *profit = &answer.figures[WHAT_IF_ESTIMATED].profit;
    assert_true(profit->is_known && profit->value > 189.99 && profit->value < 190.01);
    assert_int_equal(profit->trades[0], 1);
    assert_int_equal(answer.figures[WHAT_IF_ESTIMATED].better.doubt, DOUBT_COVERAGE);
}

static void test_what_is_as_it_was_differs_in_nothing(void **state)
{
    (void)state;
    add_window();
    what_if_book_pass(&book);
    what_if_book_close(&book);
    struct what_if_answer answer = what_if_book_ask(&book, 0);
    assert_int_equal(what_if_part_sum(&answer, WHAT_IF_BOTH), 2);
    assert_int_equal(what_if_part_sum(&answer, WHAT_IF_ONLY_LIVE), 0);
    assert_int_equal(what_if_part_sum(&answer, WHAT_IF_ONLY_VARIANT), 0);
    assert_int_equal(answer.windows, 2);
    assert_int_equal(answer.decided, 1);
    assert_false(answer.figures[WHAT_IF_REAL].better.is_known);
}

/* The window of the first variant alone. */
static void test_a_window_that_was_not_asked_is_not_counted(void **state)
{
    static const uint64_t chosen_by[] = {1, 1, 0};

    (void)state;
    what_if_book_window(&book, &recorded, 1, chosen_by);
    what_if_book_begin(&book);
    what_if_book_close(&book);
    struct what_if_answer answer = what_if_book_ask(&book, 1);
    assert_int_equal(what_if_part_sum(&answer, WHAT_IF_ONLY_LIVE), 0);
    assert_int_equal(answer.decided, 0);
    assert_true(answer.coverage == 0);
}

/* Other scores put the last first, with all that was noted of it. */
static void test_rows_move_with_what_was_noted(void **state)
{
    (void)state;
    recorded.signals[2].gate_passed = true;
    recorded.snapshot.cooling[2] = '1';
    other_policy_rank(&recorded, &(struct score_rules){.gate_bonus = 0.5});
    assert_string_equal(recorded.window.candidates[0].signal->symbol, "CUSDT");
    assert_string_equal(recorded.window.candidates[2].signal->symbol, "BUSDT");
    assert_int_equal(recorded.snapshot.cooling[0], '1');
    assert_int_not_equal(recorded.snapshot.cooling[2], '1');
    assert_int_equal(recorded.verdicts[0].fate, FATE_OUTRANKED);
    assert_int_equal(recorded.verdicts[2].fate, FATE_PUBLISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_intent_has_one_outcome, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_as_it_was_differs_in_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_a_window_that_was_not_asked_is_not_counted, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_rows_move_with_what_was_noted, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
