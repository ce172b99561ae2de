/* SPDX-License-Identifier: MIT */
#include "router/decide/past.h"

#include "tests/unit/support.h"

static void expect_last(const struct past *past, uint64_t now_ms, const char *last)
{
    char text[PAST_LAST_MAX];

    past_last(past, now_ms, text);
    assert_string_equal(text, last);
}

static void a_new_process_knows_nothing(void **state)
{
    const struct past past = {0};

    (void)state;
    expect_last(&past, 0, "");
}

static void who_holds_the_lease_knows_the_last_commit(void **state)
{
    struct past past = {0};

    (void)state;
    past_begin(&past, "");
    expect_last(&past, 0, " none none ");
    past_begin(&past, "e1-7");
    expect_last(&past, 0, " e1-7 e1-7 ");
    past_sent(&past, "e2-8"); /* which may run */
    expect_last(&past, 0, " e1-7 e2-8 ");
    past_confirmed(&past);
    expect_last(&past, 0, " e2-8 e2-8 ");
}

static void another_leader_makes_it_worthless(void **state)
{
    struct past past = {.held_until_ms = 1000};

    (void)state;
    past_begin(&past, "e1-7");
    past_forget(&past);
    expect_last(&past, 0, "");
}

/* One who waits for the lease has it when it has run out, and may be gone with the server. */
static void beside_another_router_it_counts_as_long_as_the_lease(void **state)
{
    struct past past = {.held_until_ms = 1000};

    (void)state;
    past_begin(&past, "e1-7");
    expect_last(&past, 5000, " e1-7 e1-7 ");
    past_heard(&past, 70000, 80000);
    expect_last(&past, 999, " e1-7 e1-7 ");
    expect_last(&past, 1000, "");
    past_heard(&past, 70000, 130000); /* it is gone */
    expect_last(&past, 1000, " e1-7 e1-7 ");
    past_heard(&past, 0, 130000);
    expect_last(&past, 1000, " e1-7 e1-7 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_process_knows_nothing),
        cmocka_unit_test(who_holds_the_lease_knows_the_last_commit),
        cmocka_unit_test(another_leader_makes_it_worthless),
        cmocka_unit_test(beside_another_router_it_counts_as_long_as_the_lease),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
