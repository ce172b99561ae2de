/* SPDX-License-Identifier: MIT */
/* What is told of stale intents when many come at once, and nothing after them. */
#include "executor/tell/stale_report.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "tests/unit/stderr_trap.h"
#include "tests/unit/support.h"

enum { WINDOW_MS = 30000, LEFT_MS = 500 };

static uv_loop_t loop;
static struct stale_report report;

static int begin(void **state)
{
    assert_int_equal(uv_loop_init(&loop), 0);
    stale_report_init(&report, &loop);
    return catch_stderr(state);
}

static int end(void **state)
{
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return release_stderr(state);
}

static void drop(int count)
{
    for (int i = 0; i < count; i++) {
        uint64_t number = report.total + 1;
        stale_report_add(&report, &(struct stale_drop){{7, number}, 1204999, 600000});
    }
}

static void wait_until_the_window_is_nearly_over(void)
{
    report.limit.window_start_ms -= WINDOW_MS - LEFT_MS;
}

static void expect_nothing(void)
{
    assert_string_equal(take_output(), "");
}

#define DROP(id, rest)                                                                             \
    "[WARNING] 🗑️ STALE_INTENT_DROP intent_id=7-" id " age_sec=1204 (exceeds 600s TTL) " rest \
    "\n"

static void what_is_held_back_is_told_when_its_time_is_over(void **state)
{
    (void)state;
    drop(1);
    expect_line(DROP("1", "suppressed=0 total=1"));
    wait_until_the_window_is_nearly_over();
    drop(99);
    expect_nothing();
    (void)uv_run(&loop, UV_RUN_ONCE);
    expect_line(DROP("100", "suppressed=98 total=100"));
    drop(1);
    stale_report_close(&report);
    expect_nothing();
}

static void a_timer_that_comes_early_waits_on(void **state)
{
    (void)state;
    drop(1);
    wait_until_the_window_is_nearly_over();
    drop(1);
    report.limit.window_start_ms += LEFT_MS;
    (void)take_output();
    (void)uv_run(&loop, UV_RUN_ONCE);
    expect_nothing();
    (void)uv_run(&loop, UV_RUN_ONCE);
    expect_line(DROP("2", "suppressed=0 total=2"));
    stale_report_close(&report);
    expect_nothing();
}

static void nothing_held_back_costs_no_timer(void **state)
{
    (void)state;
    drop(1);
    assert_false(uv_loop_alive(&loop));
    drop(1);
    assert_true(uv_loop_alive(&loop));
    (void)take_output();
    report.limit.window_start_ms -= WINDOW_MS;
    drop(1);
    expect_line(DROP("3", "suppressed=1 total=3"));
    assert_false(uv_loop_alive(&loop));
    stale_report_close(&report);
    expect_nothing();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_held_back_is_told_when_its_time_is_over),
        TEST(a_timer_that_comes_early_waits_on),
        TEST(nothing_held_back_costs_no_timer),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("stale report", tests, NULL, NULL);
}
