/* SPDX-License-Identifier: MIT */
#include "router/decide/notes.h"

#include <stdlib.h>

#include "tests/unit/support.h"

static void finds_a_day(void **state)
{
    (void)state;
    assert_int_equal(notes_day("", "20261129"), 0);
    assert_int_equal(notes_day("20261129:7", "20261129"), 7);
    assert_int_equal(notes_day("20261129:7", "20261128"), 0);
    assert_int_equal(notes_day("20261130:1 20261129:7 20261128:9", "20261129"), 7);
}

static void passes_garbage_over(void **state)
{
    static const char *const garbage[] = {
        "20261129",    "20261129:",   "20261129:x", "20261129:-1", "20261129:1.5",
        "020261129:1", "20261129 :1", ":1",         " ",           "20261129:9223372036854775807",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++)
        assert_int_equal(notes_day(garbage[i], "20261129"), 0);
    assert_int_equal(notes_day("x  20261129:7 y", "20261129"), 7);
}

static void expect_noted(const char *counts, const char *day, int64_t count, const char *wanted)
{
    char *noted = notes_with_day(counts, day, count);

    assert_string_equal(noted, wanted);
    free(noted);
}

static void notes_the_last_days(void **state)
{
    (void)state;
    expect_noted("", "20261129", 2, "20261129:2");
    expect_noted("20261129:2", "20261129", 3, "20261129:3");
    expect_noted("20261129:2", "20261130", 1, "20261130:1 20261129:2");
    expect_noted("20261130:1 20261129:2", "20261129", 4, "20261129:4 20261130:1");
    expect_noted("20261204:1 20261203:1 20261202:1 20261201:1", "20261205", 9,
                 "20261205:9 20261204:1 20261203:1 20261202:1");
    expect_noted("x 20261129:9007199254740992", "20261130", 9007199254740992,
                 "20261130:9007199254740992 20261129:9007199254740992");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_day),
        cmocka_unit_test(passes_garbage_over),
        cmocka_unit_test(notes_the_last_days),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("day_counts", tests, NULL, NULL);
}
