/* SPDX-License-Identifier: MIT */
#include "common/redis/reply.h"

#include <string.h>

#include "tests/unit/replies.h"

/* Each shape that hiredis knows. */
static const char *const shapes[] = {"+OK\r\n", "-ERR no\r\n", ":7\r\n",  "$2\r\nab\r\n",
                                     "$-1\r\n", "*0\r\n",      "*-1\r\n", "*1\r\n:1\r\n"};
enum { STATUS, ERROR, INTEGER, TEXT, NIL, EMPTY, NIL_ARRAY, ARRAY, SHAPES };

static redisReply *replies[SHAPES];

static int make_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        replies[i] = reply_of(shapes[i]);
    return 0;
}

static int free_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        freeReplyObject(replies[i]);
    return 0;
}

static void knows_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        assert_int_equal(reply_is_error(replies[i]), i == ERROR);
    assert_false(reply_is_error(NULL));
    assert_false(reply_is_error_code(NULL, "ERR"));
    assert_false(reply_is_error_code(replies[STATUS], "OK"));
    assert_true(reply_is_error_code(replies[ERROR], "ERR"));
    assert_false(reply_is_error_code(replies[ERROR], "ER"));
    assert_false(reply_is_error_code(replies[ERROR], "ERR n"));
    assert_false(reply_is_error_code(replies[ERROR], "ERR no more"));
}

static void an_error_may_be_its_code_alone(void **state)
{
    redisReply *bare = reply_of("-NOSCRIPT\r\n"), *empty = reply_of("-\r\n");

    (void)state;
    assert_true(reply_is_error_code(bare, "NOSCRIPT"));
    assert_false(reply_is_error_code(bare, "NOSCRIPTS"));
    assert_false(reply_is_error_code(empty, "ERR"));
    freeReplyObject(bare);
    freeReplyObject(empty);
}

static void complains_in_words(void **state)
{
    (void)state;
    assert_string_equal(reply_complaint(NULL), "the connection was lost");
    assert_string_equal(reply_complaint(replies[ERROR]), "ERR no");
    assert_string_equal(reply_complaint(replies[TEXT]),
                        "Redis sent a reply of an unexpected shape");
}

static void complains_of_what_was_asked(void **state)
{
    char text[REPLY_COMPLAINT_MAX];
    char key[REPLY_COMPLAINT_MAX];

    (void)state;
    reply_complaint_about(replies[ERROR], "XACK", "stream", text);
    assert_string_equal(text, "ERR no (XACK stream)");
    reply_complaint_about(replies[TEXT], "XACK", "stream", text);
    assert_string_equal(text, REPLY_MALFORMED);
    reply_complaint_about(NULL, "XACK", "stream", text);
    assert_string_equal(text, "the connection was lost");
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    reply_complaint_about(replies[ERROR], "XACK", key, text);
    assert_int_equal(strlen(text), REPLY_COMPLAINT_MAX - 1);
}

static void looks_into_arrays(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        assert_int_equal(reply_is_array(replies[i], 0), i == EMPTY || i == ARRAY);
        assert_int_equal(reply_is_array(replies[i], 1), i == ARRAY);
        assert_int_equal(reply_element(replies[i], 0) != NULL, i == ARRAY);
    }
    assert_false(reply_is_array(NULL, 0));
    assert_null(reply_element(NULL, 0));
    assert_null(reply_element(replies[ARRAY], 1));
}

static void reads_texts(void **state)
{
    struct reply_text text = {"untouched", 9};

    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        if (i != STATUS && i != TEXT)
            assert_false(reply_read_text(replies[i], &text));
    assert_false(reply_read_text(NULL, &text));
    assert_string_equal(text.bytes, "untouched");
    assert_true(reply_read_text(replies[STATUS], &text));
    assert_memory_equal(text.bytes, "OK", 2);
    assert_true(reply_read_text(replies[TEXT], &text));
    assert_int_equal(text.length, 2);
    assert_true(reply_is_text(replies[STATUS], "OK"));
    assert_true(reply_is_text(replies[TEXT], "ab"));
    assert_false(reply_is_text(replies[TEXT], "a"));
    assert_false(reply_is_text(replies[TEXT], "abc"));
    assert_false(reply_is_text(replies[ERROR], "ERR no"));
    assert_false(reply_is_text(NULL, ""));
}

static void texts_may_be_binary(void **state)
{
    redisReply *reply = reply_of_bytes("$3\r\na\0b\r\n", 9);
    struct reply_text text;

    (void)state;
    assert_true(reply_read_text(reply, &text));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.bytes, "a\0b", 3);
    assert_false(reply_is_text(reply, "a"));
    freeReplyObject(reply);
}

static void copies_what_fits(void **state)
{
    char text[3] = "-";

    (void)state;
    assert_false(reply_copy_text(replies[TEXT], text, 2));
    assert_false(reply_copy_text(replies[INTEGER], text, sizeof text));
    assert_false(reply_copy_text(NULL, text, sizeof text));
    assert_string_equal(text, "-");
    assert_true(reply_copy_text(replies[TEXT], text, sizeof text));
    assert_string_equal(text, "ab");
}

static void expect_integer(const char *wire, int64_t expected)
{
    redisReply *reply = reply_of(wire);
    int64_t value = 0;

    assert_true(reply_read_integer(reply, &value));
    assert_true(value == expected);
    freeReplyObject(reply);
}

static void reads_integers(void **state)
{
    int64_t value = 42;

    (void)state;
    expect_integer(":-1\r\n", -1);
    expect_integer(":9223372036854775807\r\n", INT64_MAX);
    expect_integer("$2\r\n12\r\n", 12);
    expect_integer("+0\r\n", 0);
    for (size_t i = 0; i < SHAPES; i++)
        if (i != INTEGER)
            assert_false(reply_read_integer(replies[i], &value));
    assert_false(reply_read_integer(NULL, &value));
    assert_int_equal(value, 42);
}

static void refuses_what_is_no_integer(void **state)
{
    static const char *const bad[] = {"$0\r\n\r\n",
                                      "$2\r\n01\r\n",
                                      "$2\r\n+1\r\n",
                                      "$2\r\n 1\r\n",
                                      "$3\r\n1.0\r\n",
                                      "$2\r\n-0\r\n",
                                      "$19\r\n9223372036854775808\r\n"};
    int64_t value;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        redisReply *reply = reply_of(bad[i]);
        assert_false(reply_read_integer(reply, &value));
        freeReplyObject(reply);
    }
}

static void reads_stream_ids(void **state)
{
    redisReply *good = reply_of("$4\r\n12-3\r\n"), *bad = reply_of("$2\r\n12\r\n");
    struct stream_id id = {1, 1};

    (void)state;
    assert_false(reply_read_stream_id(bad, &id));
    assert_false(reply_read_stream_id(replies[INTEGER], &id));
    assert_false(reply_read_stream_id(NULL, &id));
    assert_int_equal(id.ms, 1);
    assert_true(reply_read_stream_id(good, &id));
    assert_int_equal(id.ms, 12);
    assert_int_equal(id.sequence, 3);
    freeReplyObject(good);
    freeReplyObject(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_errors),        cmocka_unit_test(an_error_may_be_its_code_alone),
        cmocka_unit_test(complains_in_words),  cmocka_unit_test(complains_of_what_was_asked),
        cmocka_unit_test(looks_into_arrays),   cmocka_unit_test(reads_texts),
        cmocka_unit_test(texts_may_be_binary), cmocka_unit_test(copies_what_fits),
        cmocka_unit_test(reads_integers),      cmocka_unit_test(refuses_what_is_no_integer),
        cmocka_unit_test(reads_stream_ids),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_replies, free_replies);
}
