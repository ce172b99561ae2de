/* SPDX-License-Identifier: MIT */
#include "router/decide/notes.h"

#include <stdlib.h>

#include "tests/unit/support.h"

static void counts_those_of_the_last_minute(void **state)
{
    (void)state;
    assert_int_equal(notes_minute("", NOW_MS), 0);
    assert_int_equal(notes_minute("1768824003000:2", NOW_MS), 2);
    assert_int_equal(notes_minute("1768823942001:2", NOW_MS), 2);
    assert_int_equal(notes_minute("1768823942000:2", NOW_MS), 0);
    assert_int_equal(notes_minute("1:9 1768823942001:1 1768824002999:3", NOW_MS), 4);
}

/* A time ahead of us is one that Redis' clock was set back from: it counts. */
static void a_clock_that_was_set_back_frees_nobody(void **state)
{
    (void)state;
    assert_int_equal(notes_minute("1768824999999:3", NOW_MS), 3);
}

static void passes_garbage_over(void **state)
{
    static const char *const garbage[] = {
        " ",
        ":",
        ":1",
        "x:1",
        "1768824003000",
        "1768824003000:",
        "1768824003000:x",
        "1768824003000:-1",
        "1768824003000:1:1",
        "1768824003000 :1",
        "1768824003000:1000001",
        "1768824003000:9223372036854775807",
        "01768824003000:1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++)
        assert_int_equal(notes_minute(garbage[i], NOW_MS), 0);
    assert_int_equal(notes_minute(" 1768824003000:2  x 1768824002999:1 ", NOW_MS), 3);
}

static void expect_noted(const char *counts, size_t more, const char *wanted)
{
    char *noted = notes_with_minute(counts, NOW_MS, more);

    assert_string_equal(noted, wanted);
    assert_int_equal(notes_minute(noted, NOW_MS), notes_minute(counts, NOW_MS) + (int64_t)more);
    free(noted);
}

static void notes_those_of_the_minute_and_more(void **state)
{
    (void)state;
    expect_noted("", 0, "");
    expect_noted("", 2, "1768824003000:2");
    expect_noted("1:5 1768824002999:1 x", 0, "1768824002999:1");
    expect_noted("1:5 1768824002999:1", 1, "1768824002999:1 1768824003000:1");
    expect_noted("9223372036854775807:2", 1000, "1768824003000:2 1768824003000:1000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_those_of_the_last_minute),
        cmocka_unit_test(a_clock_that_was_set_back_frees_nobody),
        cmocka_unit_test(passes_garbage_over),
        cmocka_unit_test(notes_those_of_the_minute_and_more),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("minute_counts", tests, NULL, NULL);
}
