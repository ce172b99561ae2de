/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/options/complaints.h"
#include "tests/unit/stderr_trap.h"

static void collects_lines(void **state)
{
    struct complaints list = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        complain(&list, "%s = %d", "a", i);
    assert_int_equal(list.count, 100);
    assert_string_equal(list.lines[0], "a = 0");
    assert_string_equal(list.lines[99], "a = 99");
    complaints_free(&list);
    assert_int_equal(list.count, 0);
    complaints_free(&list);
}

static void each_is_one_line(void **state)
{
    struct complaints list = {0};

    (void)state;
    complain(&list, "a\nb\r\t\x1b[0m\x7f ż");
    assert_string_equal(list.lines[0], "a?b???[0m? ż");
    complaints_free(&list);
}

static void takes_long_lines(void **state)
{
    struct complaints list = {0};

    (void)state;
    complain(&list, "%010000d", 0);
    assert_int_equal(strlen(list.lines[0]), 10000);
    complaints_free(&list);
}

static void prints_them_all(void **state)
{
    struct complaints list = {0};

    (void)state;
    complaints_print(&list, "router");
    assert_string_equal(take_output(), "");
    complain(&list, "one");
    complain(&list, "two %%");
    complaints_print(&list, "router");
    assert_string_equal(take_output(), "router: one\nrouter: two %\n");
    complaints_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects_lines),
        cmocka_unit_test(each_is_one_line),
        cmocka_unit_test(takes_long_lines),
        cmocka_unit_test_setup_teardown(prints_them_all, catch_stderr, release_stderr),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
