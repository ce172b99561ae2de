/* SPDX-License-Identifier: MIT */
#include "common/trade/pace.h"

#include "tests/unit/support.h"

static void expect(int64_t count, double seconds, double per_minute)
{
    assert_true(pace_per_minute(count, seconds) == per_minute);
}

static void counts_by_the_minute(void **state)
{
    (void)state;
    expect(2, 3, 40);
    expect(5, 60, 5);
    expect(5, 61, 4.92);
    expect(1, 3600, 0.02);
    expect(1000, 0.05, 1200000);
    expect(0, 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_by_the_minute)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
