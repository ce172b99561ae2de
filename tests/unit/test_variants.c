/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/variants.h"

#include <string.h>

#include "tests/unit/settings_rig.h"
#include "tests/unit/support.h"

static struct router_settings live;
static struct variants variants;
static char why[VARIANT_WHY_MAX];

static int begin(void **state)
{
    (void)state;
    settings_rig_begin_router(&live);
    settings_rig_set("window.min_confidence", "0.7");
    settings_rig_set("window.symbols", "BTCUSDT,ETHUSDT");
    settings_rig_check();
    return 0;
}

static int end(void **state)
{
    (void)state;
    variants_release(&variants);
    settings_rig_end_router(&live);
    return 0;
}

/* "a=1,b=2" as flags that were given one by one are. */
static size_t read_of(const char *set, const char *sweep, const char *archive)
{
    struct what_if_values values = {
        .with = (char[]){""}, .sweep = (char[80]){""}, .archive = (char[16]){""}};
    struct complaints complaints = {0};

    (void)snprintf(values.sweep, 80, "%s", sweep);
    (void)snprintf(values.archive, 16, "%s", archive);
    while (*set) {
        size_t length = strcspn(set, ",");
        names_add(&values.set, set, length);
        set += length + (set[length] == ',');
    }
    variants_release(&variants);
    variants_read(&variants, &values, &complaints);
    size_t count = complaints.count;
    complaints_free(&complaints);
    names_free(&values.set);
    return count;
}

static size_t read_set(const char *set, const char *sweep)
{
    return read_of(set, sweep, "");
}

static void test_changes_are_made_over_those_of_the_time(void **state)
{
    (void)state;
    assert_int_equal(read_set("capacity.target_open=7,window.symbols=BTCUSDT,ETHUSDT", ""), 0);
    assert_int_equal(variants.count, 1);
    assert_true(variants_make(&variants, &live, why));
    const struct variant *variant = &variants.list[0];
    assert_int_equal(variant->own.rules.plan.capacity.target_open, 7);
    assert_true(variant->own.settings.signal.min_confidence == 0.7);
    assert_false(variant->chooses);
}

static void test_a_sweep_is_a_variant_each(void **state)
{
    (void)state;
    assert_int_equal(read_set("capacity.max_open=50", "capacity.target_open=1..64"), 0);
    assert_int_equal(variants.count, 64);
    assert_true(variants_make(&variants, &live, why));
    assert_int_equal(variants.list[63].own.rules.plan.capacity.target_open, 64);
    assert_int_equal(variants.list[63].own.rules.plan.capacity.max_open, 50);
    assert_int_equal(read_set("", "capacity.target_open=1..65"), 1);
    assert_int_equal(read_set("", "capacity.target_open=1.5..3"), 1);
    assert_int_equal(read_set("", "capacity.target_open=1..3:0.5"), 1);
    assert_int_equal(read_set("capacity.target_open=1", "capacity.target_open=1..3"), 1);
}

static void expect_swept(const char *sweep, size_t count, const char *first, const char *last)
{
    assert_int_equal(read_set("", sweep), 0);
    assert_int_equal(variants.count, count);
    assert_string_equal(variants.list[0].name, first);
    assert_string_equal(variants.list[count - 1].name, last);
}

/* Each is written as its ends and its step are, whatever the sum of so many steps is. */
static void test_a_sweep_has_a_step(void **state)
{
    (void)state;
    expect_swept("capacity.super_confidence=0.85..0.95:0.05", 3, "capacity.super_confidence=0.85",
                 "capacity.super_confidence=0.95");
    expect_swept("capacity.super_confidence=0.1..0.7:0.01", 61, "capacity.super_confidence=0.10",
                 "capacity.super_confidence=0.70");
    expect_swept("capacity.super_confidence=0..1:0.3", 4, "capacity.super_confidence=0.0",
                 "capacity.super_confidence=0.9");
    expect_swept("capacity.target_open=2..10:4", 3, "capacity.target_open=2",
                 "capacity.target_open=10");
    expect_swept("score.rl_gate_bonus=0.5..0.5:1", 1, "score.rl_gate_bonus=0.5",
                 "score.rl_gate_bonus=0.5");
    assert_true(variants_make(&variants, &live, why));
}

static void test_a_sweep_is_refused(void **state)
{
    static const char *const sweeps[] = {
        "capacity.super_confidence=0.85..0.95",      "capacity.super_confidence=0.85..0.95:0",
        "capacity.super_confidence=0.85..0.95:-0.1", "capacity.super_confidence=0.95..0.85:0.05",
        "capacity.super_confidence=0..1:0.01",       "capacity.super_confidence=0..1:",
        "capacity.super_confidence=0..1:x",          "capacity.super_confidence=0..1:1e-2",
        "capacity.super_confidence=0..nan:1",        "capacity.super_confidence=..1:0.1",
        "capacity.super_confidence=0.5..1.5:0.5",    "capacity.super_confidence=0..1:0.0000001",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(sweeps); i++)
        if (read_set("", sweeps[i]) != 1)
            fail_msg("%s is taken", sweeps[i]);
}

static void expect_beyond(const char *set, const char *said)
{
    assert_int_equal(read_set(set, ""), 0);
    assert_false(variants_make(&variants, &live, why));
    if (!strstr(why, said))
        fail_msg("'%s' does not say '%s'", why, said);
}

static void test_what_records_cannot_know(void **state)
{
    (void)state;
    expect_beyond("window.min_confidence=0.69", "needs the raw signals");
    expect_beyond("window.symbols=BTCUSDT,XRPUSDT", "needs the raw signals");
    expect_beyond("window.symbols=", "needs the raw signals");
    expect_beyond("governor.max_per_minute=3", "nobody counted");
    assert_int_equal(read_set("window.min_confidence=0.7", ""), 0);
    assert_true(variants_make(&variants, &live, why));
    assert_int_equal(read_set("window.min_confidence=0.8,window.symbols=ETHUSDT", ""), 0);
    assert_true(variants_make(&variants, &live, why) && variants.list[0].chooses);
}

static void test_what_raw_signals_know(void **state)
{
    static const char *const sets[] = {"window.min_confidence=0.69",
                                       "window.symbols=", "window.seconds=5"};

    (void)state;
    for (size_t i = 0; i < COUNT(sets); i++) {
        assert_int_equal(read_of(sets[i], "", "archive"), 0);
        assert_true(variants_make(&variants, &live, why));
        assert_true(variants.list[0].is_approximate && variants_are_approximate(&variants));
    }
    assert_int_equal(read_of("window.min_confidence=0.71", "", "archive"), 0);
    assert_true(variants_make(&variants, &live, why));
    assert_false(variants_are_approximate(&variants));
}

/* Each option that decides is told of, one way or the other. */
static void test_no_option_is_forgotten(void **state)
{
    static const char *const none[] = {
        "capacity.inflight_group", "capacity.symbol_cooldown_sec",
        "window.age_by",           "window.signal_max_age_sec",
        "window.future_max_sec",   "window.max_candidates",
        "window.max_mib",          "sizing.default_position_usd",
        "sizing.max_leverage",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++)
        assert_non_null(strstr(variant_key_problem(none[i], true), "raw signals"));
    assert_non_null(strstr(variant_key_problem("window.seconds", false), "--archive=DIR"));
    assert_null(variant_key_problem("window.seconds", true));
    assert_null(variant_key_problem("capacity.max_open", false));
    assert_non_null(strstr(variant_key_problem("intent.quantity", true), "sizes alone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes_are_made_over_those_of_the_time, begin, end),
        cmocka_unit_test_setup_teardown(test_a_sweep_is_a_variant_each, begin, end),
        cmocka_unit_test_setup_teardown(test_a_sweep_has_a_step, begin, end),
        cmocka_unit_test_setup_teardown(test_a_sweep_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_what_records_cannot_know, begin, end),
        cmocka_unit_test_setup_teardown(test_what_raw_signals_know, begin, end),
        cmocka_unit_test_setup_teardown(test_no_option_is_forgotten, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
