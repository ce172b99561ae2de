/* SPDX-License-Identifier: MIT */
#include "ctl/frame/span.h"
#include "tests/unit/support.h"

static void test_counts(void **state)
{
    (void)state;
    assert_string_equal(counted(0, "entry", "entries").text, "0 entries");
    assert_string_equal(counted(1, "entry", "entries").text, "1 entry");
    assert_string_equal(counted(2, "entry", "entries").text, "2 entries");
    assert_string_equal(counted(-1, "entry", "entries").text, "-1 entries");
    assert_string_equal(counted(9223372036854775807, "intent", "intents").text,
                        "9223372036854775807 intents");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
