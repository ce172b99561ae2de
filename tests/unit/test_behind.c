/* SPDX-License-Identifier: MIT */
/* A minute in which all was stale by its own timestamp alone. */
#include "router/decide/behind.h"

#include "tests/unit/support.h"

enum { BEGIN_MS = 1000, MINUTE_MS = 60000 };

static const struct signal_verdict stale = {.drop = DROP_STALE, .behind_ms = 3600000};
static const struct signal_verdict less = {.drop = DROP_STALE, .behind_ms = 3500000};
static const struct signal_verdict by_id = {.drop = DROP_STALE};
static const struct signal_verdict low = {.drop = DROP_LOW_CONFIDENCE};
static const struct signal_verdict good = {.drop = DROP_NONE};
static const struct signal_verdict close_one = {.drop = DROP_CLOSE};
static const struct signal_verdict not_listed = {.drop = DROP_NOT_LISTED};

static void a_minute_of_nothing_else_is_told(void **state)
{
    struct behind behind = {0};

    (void)state;
    behind_note(&behind, &stale, BEGIN_MS);
    behind_note(&behind, &less, BEGIN_MS + 1);
    behind_note(&behind, &stale, BEGIN_MS + 2);
    behind_note(&behind, &low, BEGIN_MS + 3);
    behind_note(&behind, &by_id, BEGIN_MS + 4);
    assert_false(behind_take(&behind, BEGIN_MS + MINUTE_MS - 1));
    assert_true(behind_take(&behind, BEGIN_MS + MINUTE_MS));
    assert_int_equal(behind.told_ms, 3500000);
    assert_false(behind_take(&behind, BEGIN_MS + 9 * MINUTE_MS));
}

static void one_that_is_not_says_that_it_is_no_zone(void **state)
{
    struct behind behind = {.told_ms = 5};

    (void)state;
    behind_note(&behind, &stale, BEGIN_MS);
    behind_note(&behind, &close_one, BEGIN_MS);
    assert_false(behind_take(&behind, BEGIN_MS + MINUTE_MS));
    assert_int_equal(behind.told_ms, 0);
    behind_note(&behind, &good, BEGIN_MS + MINUTE_MS);
    assert_false(behind_take(&behind, BEGIN_MS + 2 * MINUTE_MS));
    behind_note(&behind, &stale, BEGIN_MS + 2 * MINUTE_MS);
    behind_note(&behind, &not_listed, BEGIN_MS + 2 * MINUTE_MS);
    assert_false(behind_take(&behind, BEGIN_MS + 3 * MINUTE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_of_nothing_else_is_told),
        cmocka_unit_test(one_that_is_not_says_that_it_is_no_zone),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("behind", tests, NULL, NULL);
}
