/* SPDX-License-Identifier: MIT */
/* What a signal is made of beside its required fields: size, leverage, what scores, and the entry's
 * own texts. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

static void expect_all_invalid(const char *key, const char *const *values, size_t count,
                               enum rule rule)
{
    for (size_t i = 0; i < count; i++)
        expect_payload_invalid(document_with(key, values[i]), rule);
}

static void expect_size(const char *json, double wanted)
{
    struct signal *signal = must_read_payload(document_with("position_size_usd", json));

    assert_true(signal->position_size_usd == wanted);
    signal_free(signal);
}

static void expect_leverage(const char *json, double wanted)
{
    struct signal *signal = must_read_payload(document_with("leverage", json));

    assert_true(signal->leverage == wanted);
    signal_free(signal);
}

static void sizes(void **state)
{
    static const char *const wrong[] = {"0",      "-1",     "1.0000001e15", "\"\"",     "\"x\"",
                                        "true",   "\"0\"",  "NaN",          "[]",       "1e300",
                                        "\"-5\"", "\" 5\"", "0.0",          "\"1e16\"", "Infinity"};

    (void)state;
    expect_size(NULL, 100.0);
    expect_size("null", 100.0);
    expect_size("10000", 10000.0);
    expect_size("10000.000000001", 10000.0);
    expect_size("12500", 10000.0);
    expect_size("\"1e15\"", 10000.0);
    expect_size("\"12.5\"", 12.5);
    expect_size("0.01", 0.01);
    expect_size("1e-300", 1e-300);
    expect_all_invalid("position_size_usd", wrong, COUNT(wrong), RULE_SIZE);
}

/* So that people are told what was asked for. */
static void a_size_over_the_ceiling_is_clamped(void **state)
{
    struct signal *signal = must_read_payload(document_with("position_size_usd", "12500"));

    (void)state;
    assert_true(signal->asked_usd == 12500.0 && signal->position_size_usd == 10000.0);
    signal_free(signal);
}

static void the_default_size_obeys_the_ceiling(void **state)
{
    struct signal_rules rules = rules_usual();

    (void)state;
    rules.max_position_usd = 60.0;
    struct signal *signal =
        must_read_by(&rules, entry_of("payload", document_with("", NULL), NULL));
    assert_true(signal->position_size_usd == 60.0);
    signal_free(signal);
    rules.max_position_usd = 100.0;
    signal = must_read_by(&rules, entry_of("payload", document_with("", NULL), NULL));
    assert_true(signal->position_size_usd == 100.0);
    signal_free(signal);
}

static void leverages(void **state)
{
    static const char *const wrong[] = {"0.5",     "0",        "-1",   "126",      "125.001",
                                        "\"\"",    "\"x\"",    "true", "\"126\"",  "[5]",
                                        "\"0x5\"", "0.999999", "NaN",  "-Infinity"};

    (void)state;
    expect_leverage(NULL, 1.0);
    expect_leverage("null", 1.0);
    expect_leverage("1", 1.0);
    expect_leverage("125", 125.0);
    expect_leverage("\"5\"", 5.0);
    expect_leverage("2.5", 2.5);
    expect_leverage("\"1e1\"", 10.0);
    expect_all_invalid("leverage", wrong, COUNT(wrong), RULE_LEVERAGE);
}

static void flat_texts_have_no_null(void **state)
{
    (void)state;
    expect_invalid(entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence", "0.9",
                            "position_size_usd", "", NULL),
                   RULE_SIZE);
    expect_invalid(
        entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence", "0.9", "leverage", "null", NULL),
        RULE_LEVERAGE);
}

static void the_gate_opens_for_true_and_1(void **state)
{
    static const struct {
        const char *json;
        bool passed;
    } cases[] = {
        {"true", true},        {"\"true\"", true},   {"\"TRUE\"", true},   {"\"True\"", true},
        {"\"1\"", true},       {NULL, false},        {"false", false},     {"null", false},
        {"NaN", false},        {"Infinity", false},  {"1", false},         {"1.0", false},
        {"0", false},          {"\"false\"", false}, {"\"yes\"", false},   {"\"\"", false},
        {"\" true \"", false}, {"\"1.0\"", false},   {"\"truee\"", false}, {"[true]", false},
        {"{}", false},         {"\"on\"", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct signal *signal = must_read_payload(document_with("rl_gate_pass", cases[i].json));
        if (signal->gate_passed != cases[i].passed)
            fail_msg("rl_gate_pass %s", cases[i].json);
        signal_free(signal);
    }
}

static void regimes_that_are_known(void **state)
{
    static const struct {
        const char *json;
        bool known;
    } cases[] = {
        {"\"trend\"", true},      {"\"unknowns\"", true},
        {"\" range \"", true},    {NULL, false},
        {"null", false},          {"\"\"", false},
        {"\"  \"", false},        {"3", false},
        {"\"unknown\"", false},   {"\"UNKNOWN\"", false},
        {"true", false},          {"[]", false},
        {"\" Unknown \"", false}, {"\"null\"", false},
        {"\" NULL \"", false},    {"\"None\"", false},
        {"\"none\"", false},      {"\"nullable\"", true},
        {"\"0\"", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct signal *signal = must_read_payload(document_with("regime", cases[i].json));
        if (signal->regime_known != cases[i].known)
            fail_msg("regime %s", cases[i].json);
        signal_free(signal);
    }
}

static void trace_and_correlation_are_handed_on_as_they_came(void **state)
{
    struct entry entry = entry_of("payload", document_with("trace_id", "\"inside\""),
                                  "correlation_id", " c\n1 ", NULL);

    (void)state;
    entry_add(&entry, "trace_id", "t\0→", 5);
    struct signal *signal = must_read(entry);
    assert_int_equal(signal->trace_id.length, 5);
    assert_memory_equal(signal->trace_id.bytes, "t\0→", 5);
    assert_int_equal(signal->correlation_id.length, 5);
    assert_memory_equal(signal->correlation_id.bytes, " c\n1 ", 5);
    signal_free(signal);

    signal = must_read(
        entry_of("payload", document_with("trace_id", "\"inside\""), "correlation_id", "", NULL));
    assert_null(signal->trace_id.bytes);
    assert_null(signal->correlation_id.bytes);
    signal_free(signal);
}

/* It still names the decision. */
static void a_trace_that_is_no_utf_8_is_left_out(void **state)
{
    struct signal *signal = must_read(entry_of("payload", document_with("", NULL), "trace_id",
                                               "\xed\xa0\x80", "correlation_id", "caf\xe9", NULL));
    struct signal *other = must_read(entry_of("payload", document_with("", NULL), "trace_id",
                                              "café", "correlation_id", "\xff", NULL));

    (void)state;
    assert_null(signal->trace_id.bytes);
    assert_null(signal->correlation_id.bytes);
    assert_int_equal(strlen(signal->decision_id), 64);
    assert_memory_equal(other->trace_id.bytes, "café", other->trace_id.length);
    assert_null(other->correlation_id.bytes);
    assert_string_not_equal(signal->decision_id, other->decision_id);
    signal_free(signal);
    signal_free(other);
}

static void flat_regimes_that_are_not_known(void **state)
{
    static const char *const words[] = {"null", "None", "NONE", "Unknown", ""};

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct signal *signal = must_read(entry_of("symbol", "BTCUSDT", "side", "BUY", "confidence",
                                                   "0.9", "regime", words[i], NULL));
        if (signal->regime_known)
            fail_msg("regime %s", words[i]);
        signal_free(signal);
    }
}

static void own_timestamp_and_source(void **state)
{
    struct signal *beside = must_read(entry_of("payload", document_with("timestamp", "\"inside\""),
                                               "timestamp", "beside", "source", "engine", NULL));
    struct signal *inside = must_read_payload(document_with("timestamp", "\"inside\""));
    struct signal *empty = must_read(
        entry_of("payload", document_with("", NULL), "timestamp", "", "source", "\xff", NULL));

    (void)state;
    assert_string_equal(beside->timestamp, "beside");
    assert_string_equal(beside->source, "engine");
    assert_string_equal(inside->timestamp, "inside");
    assert_null(inside->source);
    assert_null(empty->timestamp);
    assert_null(empty->source);
    signal_free(beside);
    signal_free(inside);
    signal_free(empty);
}

/* As it was: a plain document; with an escape in it: one that jansson reads. */
static void expect_timestamp(const char *json, const char *wanted)
{
    static const char *const others[] = {"", ",\"\\u0041\":1"};
    char with[256];

    for (size_t i = 0; i < COUNT(others); i++) {
        (void)snprintf(with, sizeof with, "%s%s", json, others[i]);
        struct signal *signal = must_read_payload(document_with("timestamp", with));
        if (wanted)
            assert_string_equal(signal->timestamp, wanted);
        else
            assert_null(signal->timestamp);
        signal_free(signal);
    }
}

static void an_own_number_is_carried_as_its_text(void **state)
{
    (void)state;
    expect_timestamp("1768824000", "1768824000");
    expect_timestamp("1768824000123", "1768824000123");
    expect_timestamp("1768824000.5", "1768824000.5");
    expect_timestamp("1768824000.1234567", "1768824000.1234567");
    expect_timestamp("1768824000.0", "1768824000");
    expect_timestamp("1.768824e9", "1768824000");
    expect_timestamp("-3", "-3");
    expect_timestamp("0.1", "0.1");
    expect_timestamp("1e300", "1e+300");
    expect_timestamp("true", NULL);
    expect_timestamp("null", NULL);
    expect_timestamp("[1768824000]", NULL);
    expect_timestamp("{\"s\":1}", NULL);
    struct signal *signal = must_read_payload(document_with("source", "7"));
    assert_string_equal(signal->source, "7");
    signal_free(signal);
}

static void own_texts_are_bounded(void **state)
{
    struct signal *most =
        must_read(entry_of("payload", document_with("", NULL), "source", text_of('s', 256), NULL));
    struct signal *more =
        must_read(entry_of("payload", document_with("", NULL), "source", text_of('s', 257), NULL));

    (void)state;
    assert_string_equal(most->source, text_of('s', 256));
    assert_null(more->source);
    signal_free(most);
    signal_free(more);
}

static void what_a_signal_holds_is_what_it_weighs(void **state)
{
    struct signal *light = must_read_payload(document_with("", NULL));
    struct signal *heavy =
        must_read(entry_of("payload", document_with("model", "\"0123456789\""), "trace_id",
                           text_of('t', 4096), "correlation_id", text_of('c', 4096), NULL));

    (void)state;
    assert_true(light->weight >= sizeof *light);
    assert_true(heavy->weight >= light->weight + 2 * 4096 + 10);
    signal_free(light);
    light = must_read(entry_of("payload", document_with("model", "\"0\""), "trace_id",
                               text_of('t', 4096), "correlation_id", text_of('c', 4096), NULL));
    assert_int_equal(heavy->weight, light->weight + 9);
    signal_free(light);
    signal_free(heavy);
    signal_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(a_size_over_the_ceiling_is_clamped),
        cmocka_unit_test(the_default_size_obeys_the_ceiling),
        cmocka_unit_test(leverages),
        cmocka_unit_test(flat_texts_have_no_null),
        cmocka_unit_test(the_gate_opens_for_true_and_1),
        cmocka_unit_test(regimes_that_are_known),
        cmocka_unit_test(flat_regimes_that_are_not_known),
        cmocka_unit_test(trace_and_correlation_are_handed_on_as_they_came),
        cmocka_unit_test(a_trace_that_is_no_utf_8_is_left_out),
        cmocka_unit_test(own_timestamp_and_source),
        cmocka_unit_test(an_own_number_is_carried_as_its_text),
        cmocka_unit_test(own_texts_are_bounded),
        cmocka_unit_test(what_a_signal_holds_is_what_it_weighs),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("signal_details", tests, NULL, NULL);
}
