/* SPDX-License-Identifier: MIT */
#include "router/decide/again.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/plan_sample.h"
#include "tests/unit/record_sample.h"

#define FIRST  "1768824003000-1 BTCUSDT BUY 0.95 0.95 100 1 - published 1 ="
#define SECOND "1768824003000-2 ETHUSDT BUY 0.94 0.94 100 1 - published 2 ="
#define THIRD  "1768824003000-3 SOLUSDT BUY 0.93 0.93 100 1 - outranked 3 ="

static struct cycle cycle;

static int begin(void **state)
{
    (void)state;
    cycle = cycle_of(1, window_of(fresh("BTCUSDT", 0.95, 1), fresh("ETHUSDT", 0.94, 2),
                                  fresh("SOLUSDT", 0.93, 3), NULL));
    expect_fates(&cycle, "BTCUSDT published 1, ETHUSDT published 2, SOLUSDT outranked 3");
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    return 0;
}

static int end(void **state)
{
    (void)state;
    record_sample_release();
    finish(&cycle);
    return 0;
}

static struct again decide_again(bool any_core)
{
    const struct again_rules rules = {cycle.rules, bonuses_usual()};
    struct recorded recorded = {0};
    struct again again;
    struct plan plan;

    recorded_read(&recorded, record_sample_entry());
    if (!again_is_beyond(&recorded, any_core, &again)) {
        again_decide(&recorded, &rules, &plan);
        again = again_compare(&recorded, &plan);
        plan_release(&plan);
    }
    recorded_release(&recorded);
    return again;
}

static void expect(enum again_outcome outcome, const char *why)
{
    struct again again = decide_again(false);

    assert_string_equal(again.why, why);
    assert_string_equal(again_name(again.outcome), again_name(outcome));
}

static void expect_after(enum record_field field, const char *text, enum again_outcome outcome,
                         const char *why)
{
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    record_sample_set(field, text);
    expect(outcome, why);
}

static void the_same_comes_of_it(void **state)
{
    (void)state;
    expect(AGAIN_IDENTICAL, "");
}

static void each_difference_is_found(void **state)
{
    static const char world[] =
        "open=2 inflight=0 state=capacity_ok slots=9 allowed=2 safe=0 since=0 today=0 minute=0 "
        "supers=0 rolled=0 held=known held_symbols=0";

    (void)state;
    expect_after(RECORD_ROWS,
                 FIRST "\n" SECOND "\n"
                       "1768824003000-3 SOLUSDT BUY 0.93 0.93 100 1 - published 3 =",
                 AGAIN_DIFFERS,
                 "row 3, SOLUSDT BUY 1768824003000-3: published, rank 3 was "
                 "recorded, and is outranked, rank 3");
    expect_after(RECORD_ROWS,
                 FIRST "\n"
                       "1768824003000-2 ETHUSDT BUY 0.94 0.94 100 1 - published 3 =\n" THIRD,
                 AGAIN_DIFFERS,
                 "row 2, ETHUSDT BUY 1768824003000-2: published, rank 3 was "
                 "recorded, and is published, rank 2");
    expect_after(RECORD_ROWS,
                 FIRST "\n"
                       "1768824003000-2 ETHUSDT BUY 0.94 0.949 100 1 - published 2 =\n" THIRD,
                 AGAIN_DIFFERS,
                 "row 2, ETHUSDT BUY 1768824003000-2: score 0.949 was recorded, "
                 "and is 0.94");
    expect_after(RECORD_ROWS,
                 FIRST "\n"
                       "1768824003000-2 ETHUSDT BUY 0.94 0.94 100 1 d published 2 =\n" THIRD,
                 AGAIN_DIFFERS,
                 "row 2, ETHUSDT BUY 1768824003000-2: published, rank 2 was "
                 "recorded, and is duplicate, rank 0");
    expect_after(RECORD_ROWS, SECOND "\n" FIRST "\n" THIRD, AGAIN_DIFFERS,
                 "row 2, BTCUSDT BUY 1768824003000-1 does not rank below the row before it");
    expect_after(RECORD_ROWS, FIRST "\n" FIRST "\n" THIRD, AGAIN_DIFFERS,
                 "row 2, BTCUSDT BUY 1768824003000-1 does not rank below the row before it");
    expect_after(RECORD_ROWS, FIRST "\n" SECOND, AGAIN_DIFFERS,
                 "outranked=1 was recorded, and is 0");
    expect_after(RECORD_WORLD, world, AGAIN_DIFFERS,
                 "state=capacity_ok slots=9 allowed=2 was recorded, and is state=capacity_ok "
                 "slots=8 allowed=1");
    expect_after(RECORD_INTENTS, "9000-1", AGAIN_DIFFERS,
                 "1 intents were recorded, and 2 are published");
    expect_after(RECORD_INTENTS, "9000-1 9000-2 9000-3", AGAIN_DIFFERS,
                 "3 intents were recorded, and 2 are published");
}

/* A record that an older program wrote has no sizes; what it says of the rest is compared. */
static void sizes_are_compared_where_they_are(void **state)
{
    (void)state;
    expect_after(RECORD_SIZES, NULL, AGAIN_IDENTICAL, "");
    expect_after(RECORD_SIZES, "130 1.3\n110 1.1", AGAIN_IDENTICAL, "");
    expect_after(RECORD_SIZES, "130.00000000000003 1.3\n110 1.1", AGAIN_DIFFERS,
                 "intent of rank 1: size 130.00000000000003, factor 1.3 was recorded, and is 130, "
                 "1.3");
    expect_after(RECORD_SIZES, "130 1.3\n110 1.2", AGAIN_DIFFERS,
                 "intent of rank 2: size 110, factor 1.2 was recorded, and is 110, 1.1");
    expect_after(RECORD_SIZES, "130 1.3", AGAIN_DIFFERS,
                 "intent of rank 2: size 0, factor 0 was recorded, and is 110, 1.1");
    expect_after(RECORD_SIZES, "130 1.3\n110 1.1\n100 1", AGAIN_DIFFERS,
                 "more sizes were recorded than the 2 that are published");
    expect_after(RECORD_SIZES, "130", AGAIN_NOT_COMPARABLE, "its sizes cannot be read");
}

/* The lowest ranked are left out, and those above are judged without them. */
static void what_was_cut_is_compared_as_far_as_it_goes(void **state)
{
    (void)state;
    record_sample_set(RECORD_ROWS, FIRST);
    record_sample_set(RECORD_ROWS_LEFT, "2");
    record_sample_set(RECORD_SIZES, "130 1.3");
    expect(AGAIN_CUT_SHORT, "2 rows did not fit");
    record_sample_set(RECORD_INTENTS, "");
    expect(AGAIN_DIFFERS, "0 intents were recorded, and 1 are published");
}

static void another_core_is_compared_when_asked_for(void **state)
{
    (void)state;
    record_sample_set(RECORD_CORE, "7");
    expect(AGAIN_NOT_COMPARABLE, "core 7 decided it, and this is core 1");
    assert_int_equal(decide_again(true).outcome, AGAIN_IDENTICAL);
}

static void a_newer_version_never_is(void **state)
{
    (void)state;
    record_sample_set(RECORD_V, "2");
    expect(AGAIN_NOT_COMPARABLE, "a newer program wrote it, as version 2");
    assert_int_equal(decide_again(true).outcome, AGAIN_NOT_COMPARABLE);
}

static void what_cannot_be_read_is_not_identical(void **state)
{
    (void)state;
    record_sample_set(RECORD_ROWS, "forged");
    expect(AGAIN_NOT_COMPARABLE, "its row 1 cannot be read");
}

/* --- an intent */

static struct again compare_intent(const char *payload)
{
    const struct again_rules rules = {cycle.rules, bonuses_usual()};
    struct again again = {.outcome = AGAIN_IDENTICAL};
    struct recorded recorded = {0};
    struct plan plan;

    recorded_read(&recorded, record_sample_entry());
    again_decide(&recorded, &rules, &plan);
    (void)again_compare_intent(&recorded, &plan, 0, payload, strlen(payload), &again);
    plan_release(&plan);
    recorded_release(&recorded);
    return again;
}

static char *payload_with(const char *name, json_t *value)
{
    struct intent intent;

    plan_intent(&cycle.plan, &cycle.window, 0, NOW_MS, "17-42", &intent);
    char *text = intent_write(&intent);
    json_t *document = json_loads(text, 0, NULL);
    assert_int_equal(json_object_set_new(document, name, value), 0);
    free(text);
    text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    intent_release(&intent);
    return text;
}

static void expect_intent(const char *name, json_t *value, const char *why)
{
    char *payload = payload_with(name, value);
    struct again again = compare_intent(payload);

    assert_string_equal(again.why, why);
    assert_int_equal(again.outcome, *why ? AGAIN_DIFFERS : AGAIN_IDENTICAL);
    free(payload);
}

static void size_and_factor_are_those_of_the_intent(void **state)
{
    (void)state;
    expect_intent("model", json_string("m1"), "");
    expect_intent("position_size_usd", json_real(130.01),
                  "intent of rank 1: position_size_usd 130.01 was published, and is 130");
    expect_intent("size_boost", json_real(1.31),
                  "intent of rank 1: size_boost 1.31 was published, and is 1.3");
    expect_intent("rank", json_integer(2), "intent of rank 1: rank 2 was published, and is 1");
    expect_intent("symbol", json_null(),
                  "intent of rank 1: symbol no such value was published, and is BTCUSDT");
}

static void what_is_no_intent_is_not_the_same(void **state)
{
    (void)state;
    assert_string_equal(compare_intent("forged").why,
                        "intent of rank 1: symbol nothing was published, and is BTCUSDT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_comes_of_it, begin, end),
        cmocka_unit_test_setup_teardown(each_difference_is_found, begin, end),
        cmocka_unit_test_setup_teardown(sizes_are_compared_where_they_are, begin, end),
        cmocka_unit_test_setup_teardown(what_was_cut_is_compared_as_far_as_it_goes, begin, end),
        cmocka_unit_test_setup_teardown(another_core_is_compared_when_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(a_newer_version_never_is, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_not_identical, begin, end),
        cmocka_unit_test_setup_teardown(size_and_factor_are_those_of_the_intent, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_intent_is_not_the_same, begin, end),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
