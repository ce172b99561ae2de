/* SPDX-License-Identifier: MIT */
#include "common/base/calendar.h"
#include "ctl/frame/since.h"
#include "tests/unit/support.h"

/* 2026-01-19 12:00:03 */
static void expect_read(const char *text, const char *expected)
{
    char iso[CALENDAR_ISO_MAX];
    int64_t ms;

    assert_true(since_read(text, NOW_MS, &ms));
    calendar_iso(ms, iso);
    assert_string_equal(iso, expected);
}

static void test_read(void **state)
{
    (void)state;
    expect_read("24h", "2026-01-18T12:00:03.000Z");
    expect_read("90", "2026-01-19T11:58:33.000Z");
    expect_read("7d", "2026-01-12T12:00:03.000Z");
    expect_read("08:00", "2026-01-19T08:00:00.000Z");
    expect_read("12:00:03", "2026-01-19T12:00:03.000Z");
    expect_read("12:01", "2026-01-18T12:01:00.000Z");
    expect_read("2026-01-05", "2026-01-05T00:00:00.000Z");
    expect_read("2026-01-05T07:30", "2026-01-05T07:30:00.000Z");
    expect_read("2026-01-05T07:30:00+01:00", "2026-01-05T06:30:00.000Z");
}

static void test_what_is_no_time(void **state)
{
    static const char *const texts[] = {
        "",
        "yesterday",
        "-1h",
        "25:00",
        "08:60",
        "h",
        "::",
        "2026-13-01",
        "2026-01",
        "20260119T",
        "111111111111111111111111111111111111111111111111111111111111111111111111:00",
    };
    int64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (since_read(texts[i], NOW_MS, &ms))
            fail_msg("'%s' was read", texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_what_is_no_time),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
