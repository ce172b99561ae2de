/* SPDX-License-Identifier: MIT */
#include "ctl/past/record_chain.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/plan_sample.h"
#include "tests/unit/record_sample.h"

static struct cycle cycle;
static struct record_chain chain;
static struct recorded recorded;
static uint64_t number;

static int begin(void **state)
{
    (void)state;
    chain = (struct record_chain){0};
    number = 0;
    cycle = cycle_of(1, window_of(fresh("BTCUSDT", 0.95, 1), NULL));
    cycle_decide(&cycle);
    return 0;
}

static int end(void **state)
{
    (void)state;
    record_sample_release();
    recorded_release(&recorded);
    finish(&cycle);
    return 0;
}

/* The next record, of this cycle, which names that one before it; NULL: the one that was added
 * last.
 */
static void add(const char *cycle_id, const char *prev, bool follows)
{
    struct record_item item = {.follows = follows};
    char last[SHA256_TEXT_MAX];

    memcpy(last, chain.digest, sizeof last);
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    record_sample_set(RECORD_CYCLE_ID, cycle_id);
    record_sample_set(RECORD_PREV, prev ? prev : last);
    item.entry = *record_sample_entry();
    item.entry.id.sequence = ++number;
    recorded_read(&recorded, &item.entry);
    record_chain_add(&chain, &item, &recorded);
}

static void each_names_the_one_before_it(void **state)
{
    (void)state;
    add("17-1", "", true);
    add("17-2", NULL, true);
    add("18-3", NULL, true);
    assert_string_equal(record_chain_name(&chain), "whole");
    assert_int_equal(chain.gaps, 0);
}

/* Of the first one nobody knows what stood before it. */
static void the_first_may_name_what_is_gone(void **state)
{
    (void)state;
    add("17-7", "ab12", true);
    add("17-8", NULL, true);
    assert_string_equal(record_chain_name(&chain), "whole");
}

static void one_that_names_another_breaks_it(void **state)
{
    (void)state;
    add("17-1", "", true);
    add("17-2", "ab12", true);
    add("17-3", "ab13", true);
    assert_string_equal(record_chain_name(&chain), "broken");
    assert_int_equal(chain.broken_at.sequence, 2);
}

static void one_that_names_none_is_a_gap(void **state)
{
    (void)state;
    add("17-1", "", true);
    add("17-2", "", true);
    add("17-3", NULL, true);
    add("17-4", "", true);
    assert_string_equal(record_chain_name(&chain), "gaps");
    assert_int_equal(chain.gaps, 2);
    assert_int_equal(chain.first_gap.sequence, 2);
}

/* The record before is named rightly, but commits in between wrote none. */
static void commits_that_wrote_none_are_a_gap(void **state)
{
    (void)state;
    add("17-1", "", true);
    add("17-4", NULL, true);
    add("words", NULL, true);
    add("17-9", NULL, true);
    assert_int_equal(chain.gaps, 1);
    assert_string_equal(record_chain_name(&chain), "gaps");
}

static void what_was_trimmed_meanwhile_is_no_break(void **state)
{
    (void)state;
    add("17-1", "", true);
    add("17-9", "ab12", false);
    add("17-10", NULL, true);
    assert_string_equal(record_chain_name(&chain), "whole");
    assert_int_equal(chain.trimmed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_names_the_one_before_it, begin, end),
        cmocka_unit_test_setup_teardown(the_first_may_name_what_is_gone, begin, end),
        cmocka_unit_test_setup_teardown(one_that_names_another_breaks_it, begin, end),
        cmocka_unit_test_setup_teardown(one_that_names_none_is_a_gap, begin, end),
        cmocka_unit_test_setup_teardown(commits_that_wrote_none_are_a_gap, begin, end),
        cmocka_unit_test_setup_teardown(what_was_trimmed_meanwhile_is_no_break, begin, end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("record_chain", tests, NULL, NULL);
}
