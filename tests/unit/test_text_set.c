/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/base/text_set.h"
#include "tests/unit/support.h"

static void an_empty_set_has_nothing(void **state)
{
    struct text_set set;

    (void)state;
    text_set_init(&set, 0);
    assert_false(text_set_has(&set, ""));
    assert_false(text_set_has(&set, "BTCUSDT"));
    text_set_deinit(&set);
    assert_null(set.slots);
}

static void a_text_is_added_once(void **state)
{
    char same[] = "BTCUSDT";
    struct text_set set;

    (void)state;
    text_set_init(&set, 3);
    assert_true(text_set_add(&set, "BTCUSDT"));
    assert_false(text_set_add(&set, same));
    assert_true(text_set_has(&set, same));
    assert_false(text_set_has(&set, "BTCUSD"));
    assert_true(text_set_add(&set, "BTCUSD"));
    assert_true(text_set_add(&set, ""));
    assert_true(text_set_has(&set, ""));
    assert_int_equal(set.count, 3);
    text_set_deinit(&set);
}

/* Twice as many slots as texts: many of these want the same slot and move on. */
static void a_full_set_still_tells_all_apart(void **state)
{
    enum { MANY = 4096 };
    static char texts[2 * MANY][16];
    struct text_set set;

    (void)state;
    text_set_init(&set, MANY);
    for (size_t i = 0; i < COUNT(texts); i++)
        (void)snprintf(texts[i], sizeof texts[i], "S%zu", i);
    for (size_t i = 0; i < MANY; i++)
        assert_true(text_set_add(&set, texts[i]));
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(text_set_has(&set, texts[i]), i < MANY);
    assert_int_equal(set.count, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_ptr_equal(set.slots[text_set_slot(&set, texts[i])], texts[i]);
    assert_int_equal(text_set_slot(&set, texts[MANY]), TEXT_SET_NONE);
    text_set_deinit(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_set_has_nothing),
        cmocka_unit_test(a_text_is_added_once),
        cmocka_unit_test(a_full_set_still_tells_all_apart),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("text_set", tests, NULL, NULL);
}
