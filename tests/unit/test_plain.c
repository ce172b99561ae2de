/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/trade/plain.h"
#include "tests/unit/support.h"

static bool reads(const char *text, struct plain *ret_plain)
{
    return plain_read(text, strlen(text), ret_plain);
}

static void expect_member(const struct plain *plain, const char *name, enum plain_kind kind,
                          const char *value)
{
    const struct plain_member *member = plain_find(plain, name);

    assert_non_null(member);
    assert_int_equal(member->kind, kind);
    assert_int_equal(member->value_length, strlen(value));
    assert_memory_equal(member->value, value, strlen(value));
}

static void finds_members_of_every_kind(void **state)
{
    struct plain plain;

    (void)state;
    assert_true(reads(
        " { \"s\" : \"a b\",\"n\":-12.50, \"t\":true,\"f\":false,\"z\":null,\"\":\"\" } ", &plain));
    assert_int_equal(plain.count, 6);
    expect_member(&plain, "s", PLAIN_TEXT, "a b");
    expect_member(&plain, "n", PLAIN_NUMBER, "-12.50");
    expect_member(&plain, "t", PLAIN_TRUE, "true");
    expect_member(&plain, "f", PLAIN_FALSE, "false");
    expect_member(&plain, "z", PLAIN_NULL, "null");
    expect_member(&plain, "", PLAIN_TEXT, "");
    assert_true(reads("{\"a\":NaN, \"b\": Infinity,\"c\":-Infinity,\"d\":\"NaN\"}", &plain));
    expect_member(&plain, "a", PLAIN_WORD, "NaN");
    expect_member(&plain, "b", PLAIN_WORD, "Infinity");
    expect_member(&plain, "c", PLAIN_WORD, "-Infinity");
    expect_member(&plain, "d", PLAIN_TEXT, "NaN");
    assert_null(plain_find(&plain, "S"));
    assert_null(plain_find(&plain, "ss"));
}

static void leaves_the_rest_to_the_parser(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "{}",
        "[]",
        "\"a\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{\"a\":{}}",
        "{\"a\":[]}",
        "{\"a\":\"\\n\"}",
        "{\"a\\\"\":1}",
        "{\"a\":\"\xc3\xa9\"}",
        "{\"a\":\"\x7f\"}",
        "{\"a\":\n1}",
        "{\"a\":01}",
        "{\"a\":-0}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e5}",
        "{\"a\":1E5}",
        "{\"a\":1234567890123456789}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":nullx}",
        "{\"a\":1 2}",
        "{\"a\":Nan}",
        "{\"a\":+Infinity}",
        "{\"a\":Infinit}",
        "{\"a\":- Infinity}",
        "{\"a\":NaNs}",
        "{NaN:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"a\":1}",
        "{'a':1}",
        "{a:1}",
    };
    struct plain plain;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (reads(texts[i], &plain))
            fail_msg("not plain: %s", texts[i]);
}

static void has_room_for_so_many_members(void **state)
{
    char text[32 * PLAIN_MEMBERS_MAX] = "{\"a0\":0";
    struct plain plain;

    (void)state;
    for (unsigned i = 1; i <= PLAIN_MEMBERS_MAX; i++) {
        char closed[sizeof text + 2];
        (void)snprintf(closed, sizeof closed, "%s}", text);
        assert_true(reads(closed, &plain));
        assert_int_equal(plain.count, i);
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, ",\"a%u\":%u", i, i);
    }
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "}");
    assert_false(reads(text, &plain));
}

static void stops_at_the_end_it_was_given(void **state)
{
    static const char text[] = "{\"a\":\"bcd\",\"e\":123.25,\"f\":true}";
    struct plain plain;

    (void)state;
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *part = malloc(length + 1); /* so that a byte too many is found out */
        memcpy(part, text, length);
        assert_false(plain_read(part, length, &plain));
        free(part);
    }
    assert_true(plain_read(text, sizeof text - 1, &plain));
}

static const char *const numbers[] = {
    "0",
    "7",
    "-7",
    "-0",
    "0.0",
    "-0.0",
    "12.50",
    "01",
    "1e3",
    "-",
    "1.",
    "123456789012345678",
    "1234567890123456789",
    "9007199254740993",
};

static const char *const pieces[] = {
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"b\"",
    "\"ab\":1",
    "\"c\":\"d e\"",
    "0",
    "12",
    "-0.5",
    "1.250",
    "-0",
    "1e3",
    "true",
    "false",
    "null",
    " ",
    "\n",
    "\\",
    "[1]",
    "{}",
    ".",
    "-",
    "\"\":0",
    "\xc3",
    "123456789012345678",
    "\"f\":false",
    "\"n\":null",
    "\"a\":\"x\"",
};

static void write_text(char *ret_text, size_t room)
{
    size_t length = (size_t)snprintf(ret_text, room, "{");

    if (chance_one_in(2))
        length += (size_t)snprintf(ret_text + length, room - length, "\"z\":%s,",
                                   numbers[chance_below(COUNT(numbers))]);
    for (size_t i = 0, count = 1 + chance_below(5); i < count; i++)
        length += (size_t)snprintf(ret_text + length, room - length, "%s%s",
                                   i && !chance_one_in(8) ? "," : "",
                                   pieces[chance_below(COUNT(pieces))]);
    (void)snprintf(ret_text + length, room - length, "}");
}

static void expect_same_value(const struct plain_member *member, const json_t *json)
{
    char *value = strndup(member->value, member->value_length);
    int64_t whole;
    double real;

    switch (member->kind) {
    case PLAIN_TEXT:
        assert_true(json_is_string(json));
        assert_string_equal(json_string_value(json), value);
        break;
    case PLAIN_NUMBER:
        assert_true(number_read(value, strlen(value), &real));
        assert_true(real == json_number_value(json));
        assert_int_equal(number_read_integer(value, strlen(value), &whole), json_is_integer(json));
        assert_true(json_is_real(json) || whole == json_integer_value(json));
        break;
    case PLAIN_TRUE:
    case PLAIN_FALSE:
        assert_true(json_is_boolean(json) && json_is_true(json) == (member->kind == PLAIN_TRUE));
        break;
    case PLAIN_NULL:
        assert_true(json_is_null(json));
        break;
    case PLAIN_WORD:
        fail_msg("the parser refuses words for numbers");
    }
    free(value);
}

/* What it takes, jansson takes too, with the same members. */
static void agrees_with_the_parser(void **state)
{
    char text[512];
    struct plain plain;
    size_t taken = 0;

    (void)state;
    chance_begin();
    for (unsigned i = 0; i < 200000; i++) {
        write_text(text, sizeof text);
        if (!reads(text, &plain))
            continue;
        taken++;
        json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (!object || json_object_size(object) != plain.count)
            fail_msg("the parser reads it otherwise: %s", text);
        for (size_t j = 0; j < plain.count; j++) {
            char *name = strndup(plain.members[j].name, plain.members[j].name_length);
            expect_same_value(&plain.members[j], json_object_get(object, name));
            free(name);
        }
        json_decref(object);
    }
    assert_true(taken > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_members_of_every_kind),
        cmocka_unit_test(leaves_the_rest_to_the_parser),
        cmocka_unit_test(has_room_for_so_many_members),
        cmocka_unit_test(stops_at_the_end_it_was_given),
        cmocka_unit_test(agrees_with_the_parser),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("test_plain", tests, NULL, NULL);
}
