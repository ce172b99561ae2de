/* SPDX-License-Identifier: MIT */
#include "tests/unit/replies.h"

#include <string.h>

redisReply *reply_of_bytes(const char *wire, size_t length)
{
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;

    assert_non_null(reader);
    assert_int_equal(redisReaderFeed(reader, wire, length), REDIS_OK);
    if (redisReaderGetReply(reader, &reply) != REDIS_OK)
        fail_msg("%s", reader->errstr);
    assert_non_null(reply);
    assert_int_equal(reader->pos, reader->len);
    redisReaderFree(reader);
    return reply;
}

redisReply *reply_of(const char *wire)
{
    return reply_of_bytes(wire, strlen(wire));
}

redisReply *heard(struct command *command)
{
    size_t length;
    const char *wire = command_wire(command, &length);
    redisReply *reply = reply_of_bytes(wire, length);

    command_free(command);
    return reply;
}

/* A command is such an array. */
redisReply *reply_of_texts(const char *text, ...)
{
    struct command command = {0};
    va_list rest;

    va_start(rest, text);
    for (; text; text = va_arg(rest, const char *))
        command_add(&command, text);
    va_end(rest);
    return heard(&command);
}

void expect_element(const redisReply *array, size_t index, const char *expected)
{
    assert_true(index < array->elements);
    assert_string_equal(array->element[index]->str, expected);
    assert_int_equal(array->element[index]->len, strlen(expected));
}

void expect_texts(const redisReply *array, size_t from, ...)
{
    const char *expected;
    va_list texts;

    va_start(texts, from);
    while ((expected = va_arg(texts, const char *)))
        expect_element(array, from++, expected);
    va_end(texts);
    assert_int_equal(array->elements, from);
}
