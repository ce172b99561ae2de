/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/service/counters.h"

enum { SEEN, BY_COLOR, OPEN, STATE, LAG, SECONDS, ROW_COUNT };
enum { RED, BLUE, COLORS };

static const char *color(size_t index)
{
    static const char *const names[] = {"red", "b\"l\\u\ne"};

    return names[index];
}

static const double bounds[] = {0.005, 1, 2.5};

static const struct counter_row rows[ROW_COUNT] = {
    [SEEN] = {.name = "seen_total", .kind = COUNTER, .help = "Seen."},
    [BY_COLOR] = {.name = "by_color_total",
                  .kind = COUNTER,
                  .help = "A \\ and\na \"quote\".",
                  .label = "color",
                  .labels = COLORS,
                  .label_name = color},
    [OPEN] = {.name = "open", .kind = GAUGE, .help = "Open."},
    [STATE] = {.name = "state",
               .kind = GAUGE,
               .help = "State.",
               .label = "color",
               .labels = COLORS,
               .label_name = color},
    [LAG] = {.name = "lag", .kind = GAUGE, .help = "Lag."},
    [SECONDS] = {.name = "seconds",
                 .kind = HISTOGRAM,
                 .help = "Time.",
                 .bounds = bounds,
                 .bound_count = sizeof bounds / sizeof *bounds},
};

static const struct counter_table table = {"test_", rows, ROW_COUNT};

static struct counters counters;
static struct page page;

static int set_up(void **state)
{
    (void)state;
    counters_init(&counters, &table);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    counters_deinit(&counters);
    page_free(&page);
    return 0;
}

static void expect_printed(const char *text)
{
    page_free(&page);
    counters_print(&counters, &page);
    if (!strstr(page.bytes, text))
        fail_msg("no '%s' in:\n%s", text, page.bytes);
}

static void expect_not_printed(const char *text)
{
    page_free(&page);
    counters_print(&counters, &page);
    if (strstr(page.bytes, text))
        fail_msg("'%s' in:\n%s", text, page.bytes);
}

static void test_counters_start_at_zero(void **state)
{
    (void)state;
    expect_printed("# HELP test_seen_total Seen.\n# TYPE test_seen_total counter\n"
                   "test_seen_total 0\n");
    expect_printed("test_by_color_total{color=\"red\"} 0\n");
    expect_printed("test_seconds_count 0\n");
}

static void test_gauges_start_unknown(void **state)
{
    (void)state;
    expect_printed("# HELP test_open Open.\n# TYPE test_open gauge\n# HELP test_state");
    expect_not_printed("\ntest_open");
    expect_not_printed("\ntest_state");
    assert_true(isnan(counters_value(&counters, OPEN, 0)));
    counters_set(&counters, OPEN, 0, 0);
    expect_printed("# TYPE test_open gauge\ntest_open 0\n");
    counters_unset(&counters, OPEN);
    expect_not_printed("\ntest_open");
    counters_set(&counters, OPEN, 0, NAN);
    expect_not_printed("\ntest_open");
}

static void test_adding(void **state)
{
    (void)state;
    counters_add(&counters, SEEN, 0, 2);
    counters_add(&counters, SEEN, 0, 1);
    counters_add(&counters, BY_COLOR, BLUE, 5);
    assert_true(counters_value(&counters, SEEN, 0) == 3);
    assert_true(counters_value(&counters, BY_COLOR, RED) == 0);
    expect_printed("\ntest_seen_total 3\n");
    expect_printed("test_by_color_total{color=\"red\"} 0\n"
                   "test_by_color_total{color=\"b\\\"l\\\\u\\ne\"} 5\n");
}

static void test_help_is_escaped(void **state)
{
    (void)state;
    expect_printed("# HELP test_by_color_total A \\\\ and\\na \"quote\".\n");
}

static void test_large_and_broken_numbers(void **state)
{
    (void)state;
    counters_set(&counters, SEEN, 0, 9007199254740991.0);
    counters_set(&counters, OPEN, 0, -0.25);
    expect_printed("\ntest_seen_total 9007199254740991\n");
    expect_printed("\ntest_open -0.25\n");
}

static void test_one_of_a_state(void **state)
{
    (void)state;
    counters_choose(&counters, STATE, RED);
    expect_printed("test_state{color=\"red\"} 1\n");
    counters_choose(&counters, STATE, BLUE);
    expect_printed("test_state{color=\"red\"} 0\n");
    assert_true(counters_value(&counters, STATE, BLUE) == 1);
    counters_unset(&counters, STATE);
    expect_not_printed("\ntest_state");
}

static void test_one_series_of_a_gauge_is_unknown(void **state)
{
    (void)state;
    counters_set(&counters, STATE, RED, 7);
    expect_printed("# TYPE test_state gauge\ntest_state{color=\"red\"} 7\n# HELP");
}

static void test_labels_that_never_change(void **state)
{
    (void)state;
    counters_fix_label(&counters, LAG, "stream", "a\"b");
    counters_fix_label(&counters, LAG, "group", "g");
    counters_fix_label(&counters, BY_COLOR, "stream", "s");
    counters_set(&counters, LAG, 0, 4);
    expect_printed("test_lag{stream=\"a\\\"b\",group=\"g\"} 4\n");
    expect_printed("test_by_color_total{stream=\"s\",color=\"red\"} 0\n");
}

static void test_histogram(void **state)
{
    (void)state;
    static const double seen[] = {0.001, 0.005, 0.0051, 1, 2.5, 2.6, 1000};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        counters_observe(&counters, SECONDS, seen[i]);
    expect_printed("# TYPE test_seconds histogram\n"
                   "test_seconds_bucket{le=\"0.005\"} 2\n"
                   "test_seconds_bucket{le=\"1\"} 4\n"
                   "test_seconds_bucket{le=\"2.5\"} 5\n"
                   "test_seconds_bucket{le=\"+Inf\"} 7\n"
                   "test_seconds_sum 1006.1111\n"
                   "test_seconds_count 7\n");
    assert_true(counters_value(&counters, SECONDS, 0) == 7);
}

static void test_page_grows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        page_add(&page, "%04u", i);
    assert_int_equal(page.length, 40000);
    assert_int_equal(strlen(page.bytes), 40000);
    assert_memory_equal(page.bytes + 39996, "9999", 5);
    assert_memory_equal(page.bytes, "0000", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counters_start_at_zero, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gauges_start_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_adding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_help_is_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_and_broken_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_of_a_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_series_of_a_gauge_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_labels_that_never_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_histogram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_page_grows, set_up, tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
