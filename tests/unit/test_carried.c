/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/support.h"

/* The first four are above 0. */
enum { AMOUNTS = 4 };
static const char *const numbers[] = {"entry_price",  "stop_loss",     "take_profit",
                                      "quantity",     "stop_loss_pct", "take_profit_pct",
                                      "trail_percent"};
static const char *const texts[] = {"model", "strategy", "meta_strategy", "regime", "reason"};

static void expect_carried(struct signal *signal, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(signal->carried, name);

    if (!value)
        fail_msg("%s is not carried", name);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    assert_string_equal(text, wanted);
    free(text);
}

static void expect_kept(const char *name, const char *json, const char *wanted)
{
    struct signal *signal = must_read_payload(document_with(name, json));

    expect_carried(signal, name, wanted);
    assert_int_equal(json_object_size(signal->carried), 1);
    signal_free(signal);
}

static void expect_left_out(const char *name, const char *json)
{
    struct signal *signal = must_read_payload(document_with(name, json));

    assert_int_equal(json_object_size(signal->carried), 0);
    signal_free(signal);
}

static void every_number_is_carried(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        expect_kept(numbers[i], "42", "42");
        expect_kept(numbers[i], "0.1", "0.1");
        expect_kept(numbers[i], "\"1.5e2\"", "150.0");
        expect_kept(numbers[i], "1e15", "1e15");
    }
}

static void numbers_of_a_wrong_type_are_left_out(void **state)
{
    static const char *const wrong[] = {NULL,     "null", "true", "\"\"",    "\"x\"",
                                        "\" 1\"", "[]",   "{}",   "\"nan\"", "\"1e999\""};

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(wrong); j++)
            expect_left_out(numbers[i], wrong[j]);
}

/* The executor would refuse the intent for it, and a signal is not spoilt by what it carries. */
static void prices_and_quantities_that_are_none_are_left_out(void **state)
{
    static const char *const none[] = {"0", "-0.0", "-1", "\"-1.5e2\"", "\"0\""};
    static const char *const beyond[] = {"1.00001e15", "1e308",     "\"1e16\"", "NaN",
                                         "Infinity",   "-Infinity", "-1e16"};

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(beyond); j++)
            expect_left_out(numbers[i], beyond[j]);
    for (size_t i = 0; i < AMOUNTS; i++)
        for (size_t j = 0; j < COUNT(none); j++)
            expect_left_out(numbers[i], none[j]);
    expect_kept("stop_loss_pct", "-2.5", "-2.5");
    expect_kept("trail_percent", "\"-1.5e2\"", "-150.0");
}

static void every_text_is_carried(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        expect_kept(texts[i], "\"trend ü 🚀\"", "\"trend ü 🚀\"");
        expect_kept(texts[i], "\"\"", "\"\"");
        expect_kept(texts[i], "\"a\\nb\"", "\"a\\nb\"");
    }
}

static void texts_of_a_wrong_type_are_left_out(void **state)
{
    static const char *const wrong[] = {NULL, "null", "true", "1", "[\"x\"]", "{}", "NaN"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t j = 0; j < COUNT(wrong); j++)
            expect_left_out(texts[i], wrong[j]);
}

static void texts_have_256_bytes_at_most(void **state)
{
    char most[SIGNAL_TEXT_MAX + 3];
    char more[SIGNAL_TEXT_MAX + 4];

    (void)state;
    (void)snprintf(most, sizeof most, "\"%s\"", text_of('x', 256));
    (void)snprintf(more, sizeof more, "\"%s\"", text_of('x', 257));
    expect_kept("reason", most, most);
    expect_left_out("reason", more);
}

/* In the order of the table; null and NaN ask for nothing. */
static void what_is_left_out_is_named(void **state)
{
    const struct signal_rules rules = rules_usual();
    const struct entry entry =
        entry_of("payload",
                 "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"confidence\":0.9,\"model\":7,"
                 "\"entry_price\":0,\"stop_loss\":null,\"take_profit\":NaN,\"reason\":\"r\"}",
                 NULL);
    struct signal_draft draft;
    size_t at = 0;

    (void)state;
    assert_int_equal(signal_judge(&rules, &entry, NOW_MS, &draft).drop, DROP_NONE);
    assert_string_equal(signal_left_out(&draft, &at), "entry_price");
    assert_string_equal(signal_left_out(&draft, &at), "model");
    assert_null(signal_left_out(&draft, &at));
    signal_discard(&draft);
}

static void flat_fields_are_carried_as_what_they_are(void **state)
{
    struct entry entry =
        entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence", "0.9", "entry_price", "97000.5",
                 "stop_loss", "about 9", "model", "m-1", "strategy", "\xff", NULL);

    (void)state;
    entry_add(&entry, "reason", "a\0b", 3);
    struct signal *signal = must_read(entry);
    expect_carried(signal, "entry_price", "97000.5");
    expect_carried(signal, "model", "\"m-1\"");
    assert_int_equal(json_object_size(signal->carried), 2);
    signal_free(signal);
}

static void nothing_else_is_carried(void **state)
{
    static const char *const others[] = {"rank",       "score",       "v",
                                         "cycle_id",   "decision_id", "base_size_usd",
                                         "size_boost", "mood",        "signal_id"};

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        expect_left_out(others[i], "1");
        expect_left_out(others[i], "\"x\"");
    }
}

/* A payload with one further key, carried by a rule that names it. */
static struct signal *read_naming(const char *name, const char *json)
{
    char *list[] = {memory_text(name), memory_text("absent")};
    struct names names = {list, COUNT(list)};
    struct signal_rules rules = rules_usual();

    rules.carry = &names;
    struct signal *signal =
        must_read_by(&rules, entry_of("payload", document_with(name, json), NULL));
    free(list[0]);
    free(list[1]);
    return signal;
}

static void expect_named(const char *name, const char *json, const char *wanted)
{
    struct signal *signal = read_naming(name, json);

    if (wanted)
        expect_carried(signal, name, wanted);
    assert_int_equal(json_object_size(signal->carried), wanted ? 1 : 0);
    signal_free(signal);
}

static void the_operator_may_name_more(void **state)
{
    (void)state;
    expect_named("mood", "\"good\"", "\"good\"");
    expect_named("mood", "0.5", "0.5");
    expect_named("mood", "7", "7");
    expect_named("mood", "true", "true");
    expect_named("mood", "false", "false");
    expect_named("mood", "null", NULL);
    expect_named("mood", "[1]", NULL);
    expect_named("mood", "{\"a\":1}", NULL);
}

/* To name a field that is carried anyway does not change its type. */
static void a_name_that_is_known_keeps_its_type(void **state)
{
    (void)state;
    expect_named("quantity", "2", "2");
    expect_named("quantity", "\"2\"", "2.0");
    expect_named("quantity", "\"much\"", NULL);
    expect_named("quantity", "true", NULL);
    expect_named("reason", "\"why\"", "\"why\"");
    expect_named("reason", "5", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_carried),
        cmocka_unit_test(numbers_of_a_wrong_type_are_left_out),
        cmocka_unit_test(prices_and_quantities_that_are_none_are_left_out),
        cmocka_unit_test(every_text_is_carried),
        cmocka_unit_test(texts_of_a_wrong_type_are_left_out),
        cmocka_unit_test(texts_have_256_bytes_at_most),
        cmocka_unit_test(what_is_left_out_is_named),
        cmocka_unit_test(flat_fields_are_carried_as_what_they_are),
        cmocka_unit_test(nothing_else_is_carried),
        cmocka_unit_test(the_operator_may_name_more),
        cmocka_unit_test(a_name_that_is_known_keeps_its_type),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("carried", tests, NULL, NULL);
}
