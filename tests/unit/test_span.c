/* SPDX-License-Identifier: MIT */
#include "ctl/frame/span.h"
#include "tests/unit/support.h"

static void expect_read(const char *text, int64_t ms)
{
    int64_t read = -1;

    assert_true(span_read(text, &read));
    assert_int_equal(read, ms);
}

static void test_read(void **state)
{
    (void)state;
    expect_read("90", 90000);
    expect_read("90s", 90000);
    expect_read("15m", 900000);
    expect_read("1.5h", 5400000);
    expect_read("7d", 604800000);
    expect_read("0", 0);
    expect_read("0.25s", 250);
}

static void test_what_is_no_span(void **state)
{
    static const char *const texts[] = {"", "s", "1y", "-1s", "1 h", "1hh", "nan", "1e300d"};
    int64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(span_read(texts[i], &ms));
    assert_int_equal(ms, 7);
}

static void expect_printed(int64_t ms, const char *expected)
{
    char text[SPAN_TEXT_MAX];

    span_print(ms, text);
    assert_string_equal(text, expected);
}

static void test_print(void **state)
{
    (void)state;
    expect_printed(-5, "0s");
    expect_printed(0, "0s");
    expect_printed(99, "99ms");
    expect_printed(1000, "1s");
    expect_printed(2190, "2.1s");
    expect_printed(59999, "59s");
    expect_printed(60000, "1m");
    expect_printed(5400000, "1.5h");
    expect_printed(172800000, "2d");
    expect_printed(INT64_C(86400000) * 400, "400d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_what_is_no_span),
        cmocka_unit_test(test_print),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
