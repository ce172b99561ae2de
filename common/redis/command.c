/* SPDX-License-Identifier: MIT */
#include "common/redis/command.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

/* "*18446744073709551615\r\n" fits; the head is written last, right before the arguments. */
enum { HEAD_ROOM = 24, ROOM_AT_FIRST = 256 };

static char *reserve(struct command *command, size_t size)
{
    if (!command->bytes)
        command->length = HEAD_ROOM;
    if (command->room - command->length < size || !command->bytes) {
        size_t room = command->room ? command->room : ROOM_AT_FIRST;
        while (room - command->length < size)
            room *= 2;
        command->bytes = memory_resize(command->bytes, room, 1);
        command->room = room;
    }
    return command->bytes + command->length;
}

void command_add_bytes(struct command *command, const char *bytes, size_t length)
{
    enum { AROUND = NUMBER_DIGITS_MAX + 6 }; /* "$length\r\n" before, "\r\n" and a NUL behind */
    char *start = reserve(command, length + AROUND);
    char *at = start;

    *at++ = '$';
    at += number_print(length, at);
    memcpy(at, "\r\n", 2);
    at += 2;
    if (length > 0)
        memcpy(at, bytes, length);
    at += length;
    memcpy(at, "\r\n", 3); /* hiredis searches it as a string */
    command->length += (size_t)(at + 2 - start);
    command->count++;
}

void command_add(struct command *command, const char *text)
{
    command_add_bytes(command, text, strlen(text));
}

void command_add_int(struct command *command, int64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);

    command_add_bytes(command, text, (size_t)length);
}

void command_add_int_if(struct command *command, bool is_there, int64_t value)
{
    if (is_there)
        command_add_int(command, value);
    else
        command_add(command, "");
}

void command_add_number(struct command *command, double value)
{
    char text[NUMBER_TEXT_MAX];

    number_shortest(value, text);
    command_add(command, text);
}

void command_add_id(struct command *command, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    command_add(command, text);
}

void command_add_format(struct command *command, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < sizeof text && "for short arguments only");
    command_add_bytes(command, text, (size_t)length);
}

void command_add_all(struct command *command, ...)
{
    va_list texts;
    const char *text;

    va_start(texts, command);
    while ((text = va_arg(texts, const char *)))
        command_add(command, text);
    va_end(texts);
}

void command_add_command(struct command *command, const struct command *other)
{
    if (other->count == 0)
        return;
    size_t length = other->length - HEAD_ROOM;
    char *start = reserve(command, length + 1);

    memcpy(start, other->bytes + HEAD_ROOM, length);
    start[length] = '\0'; /* as behind any argument */
    command->length += length;
    command->count += other->count;
}

const char *command_wire(struct command *command, size_t *ret_length)
{
    char head[HEAD_ROOM];
    int length = snprintf(head, sizeof head, "*%zu\r\n", command->count);

    assert(command->count > 0 && length > 0 && length < HEAD_ROOM);
    char *start = command->bytes + HEAD_ROOM - length;
    memcpy(start, head, (size_t)length);
    *ret_length = command->length - HEAD_ROOM + (size_t)length;
    return start;
}

void command_free(struct command *command)
{
    free(command->bytes);
    *command = (struct command){0};
}
