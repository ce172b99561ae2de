/* SPDX-License-Identifier: MIT */
#include "router/decide/fate.h"
#include "tests/unit/names.h"

/* The one list beside fate.h: what CYCLE promises to people and programs. A new fate comes at its
 * end, and among the weighed below if it is one of them. */
static void names_stand_in_the_order_of_cycle(void **state)
{
    static const char *const names[] = {
        "published", "outranked",   "low_confidence", "invalid",    "stale",     "hold",
        "duplicate", "same_symbol", "below_super",    "no_slots",   "safe_mode", "close",
        "cooldown",  "symbol_held", "opposite_held",  "not_listed",
    };

    (void)state;
    assert_named(enum fate, names, FATE_COUNT, fate_name);
}

static void candidates_are_those_that_were_weighed(void **state)
{
    static const enum fate weighed[] = {
        FATE_PUBLISHED, FATE_OUTRANKED, FATE_DUPLICATE, FATE_SAME_SYMBOL, FATE_BELOW_SUPER,
        FATE_NO_SLOTS,  FATE_SAFE_MODE, FATE_COOLDOWN,  FATE_SYMBOL_HELD, FATE_OPPOSITE_HELD};
    bool is_weighed[FATE_COUNT] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(weighed); i++)
        is_weighed[weighed[i]] = true;
    for (enum fate fate = 0; fate < FATE_COUNT; fate++) {
        struct tally one = {.of = {0}};
        one.of[fate] = 1;
        if ((tally_candidates(&one) == 1) != is_weighed[fate])
            fail_msg("'%s' is %s candidate", fate_name(fate), is_weighed[fate] ? "no" : "a");
    }
}

static void what_is_dropped_has_its_fate(void **state)
{
    (void)state;
    assert_fate(fate_of_drop(DROP_STALE), FATE_STALE);
    assert_fate(fate_of_drop(DROP_LOW_CONFIDENCE), FATE_LOW_CONFIDENCE);
    assert_fate(fate_of_drop(DROP_INVALID), FATE_INVALID);
    assert_fate(fate_of_drop(DROP_HOLD), FATE_HOLD);
    assert_fate(fate_of_drop(DROP_CLOSE), FATE_CLOSE);
    assert_fate(fate_of_drop(DROP_NOT_LISTED), FATE_NOT_LISTED);
}

/* The line of the contract: read=41 candidates=7 …, where the fates add up to read. */
static void tallies_add_up(void **state)
{
    struct tally sum = {0};
    const struct tally some = {.of = {[FATE_PUBLISHED] = 2,
                                      [FATE_OUTRANKED] = 2,
                                      [FATE_DUPLICATE] = 1,
                                      [FATE_SAME_SYMBOL] = 2}};
    const struct tally dropped = {
        .of = {[FATE_LOW_CONFIDENCE] = 28, [FATE_INVALID] = 1, [FATE_HOLD] = 2, [FATE_CLOSE] = 3}};

    (void)state;
    assert_int_equal(tally_total(&sum), 0);
    assert_int_equal(tally_candidates(&sum), 0);
    tally_add(&sum, &some);
    tally_add(&sum, &dropped);
    assert_int_equal(tally_total(&sum), 41);
    assert_int_equal(tally_candidates(&sum), 7);
    assert_int_equal(tally_candidates(&dropped), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_in_the_order_of_cycle),
        cmocka_unit_test(candidates_are_those_that_were_weighed),
        cmocka_unit_test(what_is_dropped_has_its_fate),
        cmocka_unit_test(tallies_add_up),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fate", tests, NULL, NULL);
}
