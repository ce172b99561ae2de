/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/unit/replies.h"

static void expect_wire(struct command *command, const char *expected, size_t expected_length)
{
    size_t length;
    const char *wire = command_wire(command, &length);

    assert_int_equal(length, expected_length);
    assert_memory_equal(wire, expected, length);
}

#define EXPECT_WIRE(command, text) expect_wire(command, text, sizeof(text) - 1)

static void is_an_array_of_bulk_strings(void **state)
{
    struct command command = {0};

    (void)state;
    command_add(&command, "PING");
    EXPECT_WIRE(&command, "*1\r\n$4\r\nPING\r\n");
    command_add_all(&command, "a", "bc", NULL);
    EXPECT_WIRE(&command, "*3\r\n$4\r\nPING\r\n$1\r\na\r\n$2\r\nbc\r\n");
    command_free(&command);
    assert_null(command.bytes);
    assert_int_equal(command.count, 0);
}

static void may_be_used_again_when_freed(void **state)
{
    struct command command = {0};

    (void)state;
    command_free(&command);
    command_add(&command, "PING");
    command_free(&command);
    command_add(&command, "PONG");
    EXPECT_WIRE(&command, "*1\r\n$4\r\nPONG\r\n");
    command_free(&command);
}

static void takes_the_arguments_of_another(void **state)
{
    struct command command = {0}, other = {0}, nothing = {0};

    (void)state;
    command_add_all(&other, "SET", "k", NULL);
    command_add_bytes(&other, "\0v", 2);
    command_add_command(&command, &other);
    command_add_command(&command, &nothing);
    EXPECT_WIRE(&command, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\0v\r\n");
    command_add_command(&command, &other);
    command_add(&command, "NX");
    EXPECT_WIRE(&command,
                "*7\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\0v\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\0v\r\n"
                "$2\r\nNX\r\n");
    command_free(&command);
    command_free(&other);
}

static void takes_empty_and_binary_arguments(void **state)
{
    struct command command = {0};

    (void)state;
    command_add(&command, "");
    command_add_bytes(&command, NULL, 0);
    command_add_bytes(&command, "\0\r\n$\xff", 5);
    command_add_all(&command, NULL);
    EXPECT_WIRE(&command, "*3\r\n$0\r\n\r\n$0\r\n\r\n$5\r\n\0\r\n$\xff\r\n");
    command_free(&command);
}

static void writes_numbers_and_ids(void **state)
{
    struct command command = {0};

    (void)state;
    command_add_int(&command, INT64_MIN);
    command_add_int(&command, INT64_MAX);
    command_add_int(&command, 0);
    command_add_int_if(&command, true, 7);
    command_add_int_if(&command, false, 7);
    command_add_id(&command, (struct stream_id){UINT64_MAX, UINT64_MAX});
    command_add_id(&command, (struct stream_id){0, 1});
    command_add_format(&command, "%s%d", "dedup:", 7);
    redisReply *reply = heard(&command);
    expect_texts(reply, 0, "-9223372036854775808", "9223372036854775807", "0", "7", "",
                 "18446744073709551615-18446744073709551615", "0-1", "dedup:7", NULL);
    freeReplyObject(reply);
}

static void a_format_holds_511_bytes(void **state)
{
    struct command command = {0};

    (void)state;
    command_add_format(&command, "%0511d", 0);
    redisReply *reply = heard(&command);
    assert_int_equal(reply->element[0]->len, 511);
    freeReplyObject(reply);
}

/* The head grows from "*9" to "*100000" in front of what was there before. */
static void takes_many_arguments(void **state)
{
    struct command command = {0};
    size_t length;

    (void)state;
    for (int i = 0; i < 9; i++)
        command_add(&command, "x");
    assert_memory_equal(command_wire(&command, &length), "*9\r\n$1\r\nx", 9);
    command_add(&command, "x");
    assert_memory_equal(command_wire(&command, &length), "*10\r\n$1\r\nx", 10);
    for (int i = 10; i < 100000; i++)
        command_add_int(&command, i);
    assert_memory_equal(command_wire(&command, &length), "*100000\r\n$1\r\nx", 14);
    redisReply *reply = heard(&command);
    assert_int_equal(reply->elements, 100000);
    expect_element(reply, 9, "x");
    expect_element(reply, 99999, "99999");
    freeReplyObject(reply);
}

/* Around every size at which the buffer grows. */
static void takes_arguments_of_any_size(void **state)
{
    enum { MOST = 3000 };
    char *text = memory_new(MOST);

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        text[i] = (char)i;
    for (size_t size = 0; size < MOST; size++) {
        struct command command = {0};
        command_add_bytes(&command, text, size);
        command_add_bytes(&command, text, size);
        redisReply *reply = heard(&command);
        assert_int_equal(reply->element[1]->len, size);
        assert_memory_equal(reply->element[1]->str, text, size);
        freeReplyObject(reply);
    }
    free(text);
}

static void takes_a_large_argument(void **state)
{
    const size_t size = 5 << 20;
    char *text = memory_new(size);
    struct command command = {0};

    (void)state;
    memset(text, 'x', size);
    command_add(&command, "SET");
    command_add_bytes(&command, text, size);
    command_add(&command, "behind");
    redisReply *reply = heard(&command);
    assert_int_equal(reply->element[1]->len, size);
    assert_memory_equal(reply->element[1]->str, text, size);
    expect_texts(reply, 2, "behind", NULL);
    freeReplyObject(reply);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_an_array_of_bulk_strings),
        cmocka_unit_test(may_be_used_again_when_freed),
        cmocka_unit_test(takes_the_arguments_of_another),
        cmocka_unit_test(takes_empty_and_binary_arguments),
        cmocka_unit_test(writes_numbers_and_ids),
        cmocka_unit_test(a_format_holds_511_bytes),
        cmocka_unit_test(takes_many_arguments),
        cmocka_unit_test(takes_arguments_of_any_size),
        cmocka_unit_test(takes_a_large_argument),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
