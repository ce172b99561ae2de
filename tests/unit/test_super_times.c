/* SPDX-License-Identifier: MIT */
#include "router/decide/notes.h"

#include <stdlib.h>

#include "tests/unit/support.h"

static void expect_noted(const char *times, size_t more, const char *wanted)
{
    char *noted = notes_with_supers(times, NOW_MS, more);

    assert_string_equal(noted, wanted);
    assert_int_equal(notes_supers(noted, NOW_MS), notes_supers(times, NOW_MS) + (int64_t)more);
    free(noted);
}

static void counts_those_of_the_last_hour(void **state)
{
    (void)state;
    assert_int_equal(notes_supers("", NOW_MS), 0);
    assert_int_equal(notes_supers("1768824003000", NOW_MS), 1);
    assert_int_equal(notes_supers("1768820403001", NOW_MS), 1);
    assert_int_equal(notes_supers("1768820403000", NOW_MS), 0);
    assert_int_equal(notes_supers("1 2 1768820403001 1768824002999", NOW_MS), 2);
    assert_int_equal(notes_supers("1768824002999 1", NOW_MS), 1);
}

/* A time ahead of us is one that Redis' clock was set back from: it counts. */
static void a_clock_that_was_set_back_frees_nobody(void **state)
{
    (void)state;
    assert_int_equal(notes_supers("1768824999999", NOW_MS), 1);
}

static void passes_garbage_over(void **state)
{
    static const char *const garbage[] = {
        " ",
        "   ",
        "x",
        "-",
        "1768824003000x",
        "17688240030001768824003000",
        "1.7e12",
        "01768824003000",
        "-1768824003000",
        "1768824003000\n",
        "nan",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++)
        assert_int_equal(notes_supers(garbage[i], NOW_MS), 0);
    assert_int_equal(notes_supers(" 1768824003000  x 1768824002999 ", NOW_MS), 2);
    expect_noted("x  1768824002999 y", 0, "1768824002999");
}

static void notes_those_of_the_hour_and_more(void **state)
{
    (void)state;
    expect_noted("", 0, "");
    expect_noted("", 1, "1768824003000");
    expect_noted("", 3, "1768824003000 1768824003000 1768824003000");
    expect_noted("1 1768824002999", 1, "1768824002999 1768824003000");
    expect_noted("9223372036854775807", 2, "1768824003000 1768824003000 1768824003000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_those_of_the_last_hour),
        cmocka_unit_test(a_clock_that_was_set_back_frees_nobody),
        cmocka_unit_test(passes_garbage_over),
        cmocka_unit_test(notes_those_of_the_hour_and_more),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("super_times", tests, NULL, NULL);
}
