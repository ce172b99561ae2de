/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/trade/fields.h"
#include "tests/unit/support.h"

static struct fields must_open(const struct entry *entry)
{
    struct fields fields;
    enum rule rule = fields_open(entry, &fields);

    if (rule != RULE_NONE)
        fail_msg("refused for %s", rule_name(rule));
    return fields;
}

static void expect_refused(struct entry entry, enum rule wanted)
{
    struct fields fields;

    assert_string_equal(rule_name(fields_open(&entry, &fields)), rule_name(wanted));
}

static void expect_payload_refused(const char *bytes, size_t length, enum rule wanted)
{
    struct entry entry = entry_of(NULL, NULL);

    entry_add(&entry, "payload", bytes, length);
    expect_refused(entry, wanted);
}

static void expect_accepted(struct entry entry)
{
    struct fields fields = must_open(&entry);

    fields_close(&fields);
}

static void expect_text(const struct fields *fields, const char *name, const char *wanted)
{
    struct value value = fields_get(fields, name);

    assert_int_equal(value.kind, VALUE_TEXT);
    assert_int_equal(value.length, strlen(wanted));
    assert_memory_equal(value.bytes, wanted, value.length);
}

static void payload_wins_over_data_over_flat(void **state)
{
    struct entry three = entry_of("symbol", "FLAT", "data", "{\"symbol\":\"DATA\"}", "payload",
                                  "{\"symbol\":\"PAYLOAD\"}", NULL);
    struct entry two = entry_of("symbol", "FLAT", "data", "{\"symbol\":\"DATA\"}", NULL);
    struct entry one = entry_of("symbol", "FLAT", NULL);

    (void)state;
    struct fields fields = must_open(&three);
    expect_text(&fields, "symbol", "PAYLOAD");
    fields_close(&fields);
    fields = must_open(&two);
    expect_text(&fields, "symbol", "DATA");
    fields_close(&fields);
    fields = must_open(&one);
    expect_text(&fields, "symbol", "FLAT");
    fields_close(&fields);
}

static void even_an_empty_payload_wins(void **state)
{
    (void)state;
    expect_refused(entry_of("payload", "", "data", "{}", "symbol", "FLAT", NULL), RULE_NOT_JSON);
    expect_refused(entry_of("data", "", "symbol", "FLAT", NULL), RULE_NOT_JSON);

    struct entry empty = entry_of("payload", "{}", "data", "{\"symbol\":\"DATA\"}", NULL);
    struct fields fields = must_open(&empty);
    assert_int_equal(fields_get(&fields, "symbol").kind, VALUE_ABSENT);
    fields_close(&fields);
}

static void expect_number(const struct fields *fields, const char *name, double number)
{
    struct value value = fields_get(fields, name);
    double read;

    assert_int_equal(value.kind, VALUE_NUMBER);
    assert_true(value_number(&value, &read) && read == number);
}

/* As value_json() gives it on; NULL: nothing. */
static void expect_json(const struct fields *fields, const char *name, const char *wanted)
{
    struct value value = fields_get(fields, name);
    json_t *json = value_json(&value);
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    assert_string_equal(text, wanted);
    free(text);
    json_decref(json);
}

/* A plain document and one that needs the parser say the same. */
static void a_plain_document_reads_as_a_parsed_one(void **state)
{
    const char *const tails[] = {"}", ",\"o\":{}}"};

    (void)state;
    for (size_t i = 0; i < COUNT(tails); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%s%s",
                       "{\"t\":\"x\",\"i\":-3,\"r\":0.50,\"y\":true,\"n\":false,\"null\":null",
                       tails[i]);
        struct entry entry = entry_of("data", text, NULL);
        struct fields fields = must_open(&entry);
        assert_int_equal(fields.form, i == 0 ? FIELDS_PLAIN : FIELDS_PARSED);
        expect_text(&fields, "t", "x");
        expect_number(&fields, "i", -3.0);
        expect_number(&fields, "r", 0.5);
        expect_json(&fields, "i", "-3");
        expect_json(&fields, "r", "0.5");
        expect_json(&fields, "y", "true");
        expect_json(&fields, "n", "false");
        assert_int_equal(fields_get(&fields, "null").kind, VALUE_NULL);
        assert_int_equal(fields_get(&fields, "T").kind, VALUE_ABSENT);
        fields_close(&fields);
    }
}

static void every_kind_of_value(void **state)
{
    struct entry entry = entry_of("payload",
                                  "{\"t\":\"x\",\"i\":3,\"r\":0.5,\"y\":true,\"n\":false,"
                                  "\"null\":null,\"o\":{},\"a\":[]}",
                                  "beside", "b", NULL);
    struct fields fields = must_open(&entry);

    (void)state;
    expect_text(&fields, "t", "x");
    assert_int_equal(fields_get(&fields, "i").kind, VALUE_NUMBER);
    expect_number(&fields, "i", 3.0);
    expect_number(&fields, "r", 0.5);
    assert_true(fields_get(&fields, "y").truth);
    assert_int_equal(fields_get(&fields, "n").kind, VALUE_BOOL);
    assert_false(fields_get(&fields, "n").truth);
    assert_int_equal(fields_get(&fields, "null").kind, VALUE_NULL);
    assert_int_equal(fields_get(&fields, "o").kind, VALUE_OTHER);
    assert_int_equal(fields_get(&fields, "a").kind, VALUE_OTHER);
    assert_int_equal(fields_get(&fields, "beside").kind, VALUE_ABSENT);
    assert_int_equal(fields_beside(&fields, "beside").kind, VALUE_TEXT);
    assert_int_equal(fields_beside(&fields, "t").kind, VALUE_ABSENT);
    fields_close(&fields);
    assert_null(fields.object);
}

static void what_is_no_json_object(void **state)
{
    static const char *const no_json[] = {
        "",
        " ",
        "{",
        "{]",
        "nonsense",
        "{'a':1}",
        "{\"a\":nan}",
        "{\"a\":+Infinity}",
        "{NaN:1}",
        "{\"a\":NaN NaN}",
        "{\"a\":NaN,}",
        "{\"a\":1e999}",
        "{\"a\":01}",
        "{\"a\":0x1}",
        "{} {}",
        "{\"a\":\"\\u0000\"}",
        "{\"\\u0000\":1}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":99999999999999999999}",
    };
    static const char *const no_object[] = {"[]", "[{\"symbol\":\"BTCUSDT\"}]"};
    static const char *const bare[] = {"\"text\"", "3", "null", "true"};

    (void)state;
    for (size_t i = 0; i < COUNT(no_json); i++)
        expect_payload_refused(no_json[i], strlen(no_json[i]), RULE_NOT_JSON);
    for (size_t i = 0; i < COUNT(no_object); i++)
        expect_payload_refused(no_object[i], strlen(no_object[i]), RULE_NOT_AN_OBJECT);
    for (size_t i = 0; i < COUNT(bare); i++)
        expect_payload_refused(bare[i], strlen(bare[i]), RULE_NOT_JSON);
    expect_payload_refused("{\"a\":1}\0", 8, RULE_NOT_JSON);
}

static void keys_and_fields_stand_once(void **state)
{
    (void)state;
    expect_refused(entry_of("payload", "{\"a\":1,\"a\":1}", NULL), RULE_DUPLICATE_KEY);
    expect_refused(entry_of("payload", "{\"a\":{\"b\":1,\"b\":2}}", NULL), RULE_DUPLICATE_KEY);
    expect_refused(entry_of("payload", "{}", "payload", "{}", NULL), RULE_DUPLICATE_FIELD);
    expect_refused(entry_of("symbol", "A", "side", "BUY", "symbol", "A", NULL),
                   RULE_DUPLICATE_FIELD);
    expect_accepted(entry_of("symbol", "A", "SYMBOL", "A", NULL));
}

static void sixty_four_fields_and_no_more(void **state)
{
    static char names[65][16];
    struct entry entry = entry_of(NULL, NULL);

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        (void)snprintf(names[i], sizeof names[i], "f%zu", i);
        entry_add(&entry, names[i], "", 0);
    }
    expect_accepted(entry);
    entry_add(&entry, "f64", "", 0);
    expect_refused(entry, RULE_TOO_MANY_FIELDS);
    entry.count = 3000;
    expect_refused(entry, RULE_TOO_MANY_FIELDS);
}

static void names_and_values_are_bounded(void **state)
{
    char *name = memory_text(text_of('n', 65));

    (void)state;
    expect_refused(entry_of(name, "", NULL), RULE_NAME_TOO_LONG);
    expect_accepted(entry_of(name + 1, "", NULL));
    expect_accepted(entry_of("symbol", text_of('v', 4096), NULL));
    expect_refused(entry_of("symbol", text_of('v', 4097), NULL), RULE_VALUE_TOO_LONG);
    expect_accepted(entry_of("payload", "{}", "trace_id", text_of('v', 4096), NULL));
    expect_refused(entry_of("payload", "{}", "trace_id", text_of('v', 4097), NULL),
                   RULE_VALUE_TOO_LONG);
    expect_refused(entry_of("payload", "{}", "correlation_id", text_of('v', 4097), NULL),
                   RULE_VALUE_TOO_LONG);
    expect_refused(entry_of("dat_", text_of('v', 4097), NULL), RULE_VALUE_TOO_LONG);
    expect_refused(entry_of("payloaD", text_of('v', 4097), NULL), RULE_VALUE_TOO_LONG);
    free(name);
}

/* An object padded with blanks to this size. */
static char *document_of(size_t size)
{
    char *document = memory_text(text_of(' ', size));

    document[0] = '{';
    document[size - 1] = '}';
    return document;
}

static void documents_are_bounded(void **state)
{
    char *most = document_of(65536);
    char *more = document_of(65537);
    char *far_more = document_of(3000000);

    (void)state;
    expect_accepted(entry_of("payload", most, NULL));
    expect_accepted(entry_of("data", most, NULL));
    expect_refused(entry_of("payload", more, NULL), RULE_VALUE_TOO_LONG);
    expect_refused(entry_of("data", more, NULL), RULE_VALUE_TOO_LONG);
    expect_refused(entry_of("payload", far_more, NULL), RULE_VALUE_TOO_LONG);
    /* The bound holds for a `data` that nobody reads, too. */
    expect_refused(entry_of("payload", "{}", "data", more, NULL), RULE_VALUE_TOO_LONG);
    free(most);
    free(more);
    free(far_more);
}

static void eight_levels_and_no_more(void **state)
{
    char *deep = memory_text(text_of('[', 100000));

    (void)state;
    expect_accepted(entry_of("payload", "{\"a\":[[[[[[[]]]]]]]}", NULL));
    expect_refused(entry_of("payload", "{\"a\":[[[[[[[[]]]]]]]]}", NULL), RULE_TOO_DEEP);
    expect_accepted(
        entry_of("payload", "{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{}}}}}}}}", NULL));
    expect_refused(entry_of("payload",
                            "{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{\"9\":{}}}}}}}}}",
                            NULL),
                   RULE_TOO_DEEP);
    expect_payload_refused(deep, 60000, RULE_TOO_DEEP);
    expect_payload_refused(deep, 100000, RULE_VALUE_TOO_LONG);
    free(deep);
}

static void brackets_in_texts_and_beside_each_other_are_not_depth(void **state)
{
    (void)state;
    expect_accepted(
        entry_of("payload", "{\"a\":\"[[[[[[[[[[\",\"b\":\"\\\"{{{{{{{{{{\\\\\"}", NULL));
    expect_accepted(entry_of("payload", "{\"a\":[[],[],[],[],[],[],[],[],[],[],{},{}]}", NULL));
    expect_refused(entry_of("payload", "]]]]{}", NULL), RULE_NOT_JSON);
    expect_refused(entry_of("payload", "{\"a\\", NULL), RULE_NOT_JSON);
}

static void numbers_from_json_and_from_text(void **state)
{
    json_t *half = json_real(0.5);
    struct value number = {.kind = VALUE_NUMBER, .json = half};
    struct value written = {.kind = VALUE_NUMBER, .bytes = "7", .length = 1};
    struct value text = {.kind = VALUE_TEXT, .bytes = "1.5e1", .length = 5};
    struct value blank = {.kind = VALUE_TEXT, .bytes = " 1", .length = 2};
    struct value truth = {.kind = VALUE_BOOL, .truth = true};
    double read = 0.0;

    (void)state;
    assert_true(value_number(&number, &read) && read == 0.5);
    json_decref(half);
    assert_true(value_number(&written, &read) && read == 7.0);
    assert_true(value_number(&text, &read) && read == 15.0);
    assert_false(value_number(&blank, &read));
    assert_false(value_number(&truth, &read));
    assert_true(read == 15.0);
}

static void every_rule_has_a_name_and_words(void **state)
{
    (void)state;
    for (int a = 0; a < RULE_COUNT; a++) {
        assert_true(strlen(rule_name((enum rule)a)) > 0);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(rule_name((enum rule)a), rule_name((enum rule)b));
    }
    for (int a = 0; a < RULE_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(rule_words((enum rule)a), rule_words((enum rule)b));
    assert_string_equal(rule_name(RULE_NONE), "none");
    assert_string_equal(rule_name(RULE_SIZE), "position_size_usd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_wins_over_data_over_flat),
        cmocka_unit_test(even_an_empty_payload_wins),
        cmocka_unit_test(every_kind_of_value),
        cmocka_unit_test(a_plain_document_reads_as_a_parsed_one),
        cmocka_unit_test(what_is_no_json_object),
        cmocka_unit_test(keys_and_fields_stand_once),
        cmocka_unit_test(sixty_four_fields_and_no_more),
        cmocka_unit_test(names_and_values_are_bounded),
        cmocka_unit_test(documents_are_bounded),
        cmocka_unit_test(eight_levels_and_no_more),
        cmocka_unit_test(brackets_in_texts_and_beside_each_other_are_not_depth),
        cmocka_unit_test(numbers_from_json_and_from_text),
        cmocka_unit_test(every_rule_has_a_name_and_words),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
