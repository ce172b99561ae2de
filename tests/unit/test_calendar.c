/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/calendar.h"
#include "tests/unit/support.h"

static void expect_iso(int64_t ms, const char *wanted)
{
    char text[CALENDAR_ISO_MAX];

    calendar_iso(ms, text);
    assert_string_equal(text, wanted);
}

static void expect_day(int64_t ms, const char *wanted)
{
    char text[CALENDAR_DAY_MAX];

    calendar_day(ms, text);
    assert_string_equal(text, wanted);
}

static void expect_reads(const char *text, int64_t wanted)
{
    int64_t ms = -1;

    if (!calendar_read_iso(text, strlen(text), &ms))
        fail_msg("not read: %s", text);
    assert_int_equal(ms, wanted);
}

static void expect_refused(const char *text)
{
    int64_t ms = 42;

    if (calendar_read_iso(text, strlen(text), &ms))
        fail_msg("read: %s", text);
    assert_int_equal(ms, 42);
}

static void moments_are_written_in_utc(void **state)
{
    (void)state;
    expect_iso(0, "1970-01-01T00:00:00.000Z");
    expect_iso(1768824003250, "2026-01-19T12:00:03.250Z");
    expect_iso(951782400000, "2000-02-29T00:00:00.000Z");
    expect_iso(4107542399999, "2100-02-28T23:59:59.999Z");
    expect_iso(4107542400000, "2100-03-01T00:00:00.000Z");
    expect_iso(1735689599999, "2024-12-31T23:59:59.999Z");
}

static void what_lies_outside_is_clamped(void **state)
{
    (void)state;
    expect_iso(-1, "1970-01-01T00:00:00.000Z");
    expect_iso(INT64_MIN, "1970-01-01T00:00:00.000Z");
    expect_iso(253402300799999, "9999-12-31T23:59:59.999Z");
    expect_iso(253402300800000, "9999-12-31T23:59:59.999Z");
    expect_iso(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void days_change_at_midnight(void **state)
{
    (void)state;
    expect_day(1768867199999, "20260119");
    expect_day(1768867200000, "20260120");
    assert_int_equal(calendar_next_midnight(1768867199999), 1768867200000);
    assert_int_equal(calendar_next_midnight(1768867200000), 1768953600000);
    assert_int_equal(calendar_next_midnight(-5), CALENDAR_MS_PER_DAY);
}

static void forms_that_are_read(void **state)
{
    (void)state;
    expect_reads("2026-01-19T12:00:03.250Z", 1768824003250);
    expect_reads("2026-01-19 12:00:03z", 1768824003000);
    expect_reads("2026-01-19t12:00", 1768824000000);
    expect_reads("2026-01-19T12:00:03.2509999", 1768824003250);
    expect_reads("2026-01-19T12:00:03.2", 1768824003200);
    expect_reads("2026-01-19T14:00:00+02:00", 1768824000000);
    expect_reads("2026-01-19T14:30:00+0230", 1768824000000);
    expect_reads("2026-01-19T09:00:00-03:00", 1768824000000);
    expect_reads("2024-02-29T00:00Z", 1709164800000);
    expect_reads("2000-02-29T00:00Z", 951782400000);
}

static void forms_that_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "2026",
        "2026-01-19",
        "2026-01-19T",
        "2026-01-19T12",
        "2026-01-19T12:0",
        "2026-01-19T12:00:",
        "2026-01-19T12:00:03.",
        "2026-01-19T12:00:03.Z",
        "2026-01-19T24:00:00Z",
        "2026-01-19T12:60:00Z",
        "2026-01-19T12:00:60Z",
        "2026-13-01T00:00Z",
        "2026-00-01T00:00Z",
        "2026-01-00T00:00Z",
        "2026-01-32T00:00Z",
        "2026-02-29T00:00Z",
        "2100-02-29T00:00Z",
        "1969-12-31T00:00Z",
        "2026/01-19T12:00Z",
        "2026-01/19T12:00Z",
        "2026-01-19_12:00Z",
        "2026-01-19T12.00Z",
        "2026-01-19T12:00Zx",
        "2026-01-19T12:00X",
        "2026-01-19T12:00+",
        "2026-01-19T12:00+2",
        "2026-01-19T12:00+02:",
        "2026-01-19T12:00+24:00",
        "2026-01-19T12:00+02:60",
        " 2026-01-19T12:00Z",
        "-026-01-19T12:00Z",
        "1768824003250",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_refused(wrong[i]);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < 20000; i++) {
        int64_t ms = (int64_t)(chance_next() % 253402300800000);
        char text[CALENDAR_ISO_MAX];
        calendar_iso(ms, text);
        expect_reads(text, ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_written_in_utc),
        cmocka_unit_test(what_lies_outside_is_clamped),
        cmocka_unit_test(days_change_at_midnight),
        cmocka_unit_test(forms_that_are_read),
        cmocka_unit_test(forms_that_are_refused),
        cmocka_unit_test(what_is_written_reads_back),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
