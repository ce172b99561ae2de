/* SPDX-License-Identifier: MIT */
/* What the router's lines about dropped signals held back. */
#include "router/tell/report.h"

#include <string.h>

#include "tests/unit/stderr_trap.h"
#include "tests/unit/support.h"

enum { MINUTE_MS = 60000 };

static struct router_settings settings;
static struct report report;

static int begin(void **state)
{
    static char signals[] = "q:signals";

    settings.keys.signals = signals;
    report_init(&report, &settings);
    return catch_stderr(state);
}

static void drop(enum drop drop, enum rule rule, int count)
{
    const struct signal_verdict verdict = {.drop = drop, .rule = rule, .ahead_ms = 7199500};

    for (int i = 1; i <= count; i++) {
        const struct entry entry = {.id = {7, (uint64_t)i}};
        report_fact(&report, &(struct router_fact){FACT_JUDGED, .judged = {&entry, &verdict}});
    }
    (void)take_output();
}

static void nothing_is_told_before_its_time(void **state)
{
    (void)state;
    drop(DROP_CLOSE, RULE_NONE, 5);
    drop(DROP_INVALID, RULE_SYMBOL, 12);
    drop_report_held_back(&report.drops, false);
    assert_string_equal(take_output(), "");
}

static void each_is_told_once_its_time_is_over(void **state)
{
    (void)state;
    drop(DROP_CLOSE, RULE_NONE, 5);
    report.drops.close.window_start_ms -= MINUTE_MS;
    drop_report_held_back(&report.drops, false);
    expect_line("[WARNING] 🚪 CLOSE_SIGNAL_DROP id=7-5 exits do not pass through this router "
                "suppressed=3\n");
    drop(DROP_INVALID, RULE_SYMBOL, 12);
    report.drops.invalid[RULE_SYMBOL].window_start_ms -= MINUTE_MS;
    drop_report_held_back(&report.drops, false);
    expect_line("[WARNING] INVALID_SIGNAL_DROP reason=symbol suppressed=7\n");
    drop(DROP_INVALID, RULE_FUTURE, 3);
    report.drops.skew.window_start_ms -= MINUTE_MS;
    drop_report_held_back(&report.drops, false);
    expect_line(
        "[WARNING] ⏰ CLOCK_SKEW id=7-3 is ahead of Redis' clock: check the clocks of Redis "
        "and of the producer suppressed=1 ahead_sec=7200 → where Redis' clock was set back and is "
        "right now: RENAME q:signals to another name, or reload with window.future_max_sec = "
        "7200\n");
    drop_report_held_back(&report.drops, false);
    assert_string_equal(take_output(), "");
}

static void the_rest_is_told_at_the_end(void **state)
{
    (void)state;
    drop(DROP_CLOSE, RULE_NONE, 5);
    drop(DROP_INVALID, RULE_FUTURE, 12);
    report_stopped(&report);
    const char *told = take_output();
    assert_non_null(strstr(told, "INVALID_SIGNAL_DROP reason=future suppressed=7\n"));
    assert_non_null(strstr(told, "CLOSE_SIGNAL_DROP id=7-5 "));
    assert_non_null(strstr(told, "CLOCK_SKEW id=7-12 "));
    assert_non_null(strstr(told, "STOPPED uncommitted signals stay pending\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_told_before_its_time),
        TEST(each_is_told_once_its_time_is_over),
        TEST(the_rest_is_told_at_the_end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
