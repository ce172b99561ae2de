/* SPDX-License-Identifier: MIT */
#include "common/redis/reply.h"

#include <stdio.h>
#include <string.h>

#include "common/base/number.h"

bool reply_is_error(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR;
}

bool reply_is_error_code(const redisReply *reply, const char *code)
{
    size_t length = strlen(code);

    return reply_is_error(reply) && strncmp(reply->str, code, length) == 0 &&
           (reply->str[length] == ' ' || reply->str[length] == '\0');
}

bool reply_is_no_key(const redisReply *reply)
{
    return reply_is_error_code(reply, "ERR") && strstr(reply->str, "no such key");
}

const char *reply_complaint(const redisReply *reply)
{
    if (!reply)
        return "the connection was lost";
    if (reply->type == REDIS_REPLY_ERROR)
        return reply->str;
    return REPLY_MALFORMED;
}

void reply_complaint_about(const redisReply *reply, const char *command, const char *key,
                           char ret_text[static REPLY_COMPLAINT_MAX])
{
    const char *complaint = reply_complaint(reply);

    if (reply_is_error(reply))
        (void)snprintf(ret_text, REPLY_COMPLAINT_MAX, "%s (%s %s)", complaint, command, key);
    else
        (void)snprintf(ret_text, REPLY_COMPLAINT_MAX, "%s", complaint);
}

bool reply_is_array(const redisReply *reply, size_t elements_min)
{
    return reply && reply->type == REDIS_REPLY_ARRAY && reply->elements >= elements_min;
}

const redisReply *reply_element(const redisReply *array, size_t index)
{
    return reply_is_array(array, index + 1) ? array->element[index] : NULL;
}

const redisReply *reply_named(const redisReply *list, const char *name)
{
    for (size_t i = 0; reply_element(list, i); i += 2)
        if (reply_is_text(reply_element(list, i), name))
            return reply_element(list, i + 1);
    return NULL;
}

bool reply_read_text(const redisReply *reply, struct reply_text *ret_text)
{
    if (!reply || (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS))
        return false;
    *ret_text = (struct reply_text){reply->str, (size_t)reply->len};
    return true;
}

bool reply_is_text(const redisReply *reply, const char *text)
{
    struct reply_text read;

    return reply_read_text(reply, &read) && read.length == strlen(text) &&
           memcmp(read.bytes, text, read.length) == 0;
}

bool reply_read_integer(const redisReply *reply, int64_t *ret_value)
{
    struct reply_text text;

    if (reply && reply->type == REDIS_REPLY_INTEGER) {
        *ret_value = reply->integer;
        return true;
    }
    return reply_read_text(reply, &text) && number_read_integer(text.bytes, text.length, ret_value);
}

int64_t reply_named_integer(const redisReply *list, const char *name, int64_t otherwise)
{
    int64_t value;

    return reply_read_integer(reply_named(list, name), &value) ? value : otherwise;
}

bool reply_read_stream_id(const redisReply *reply, struct stream_id *ret_id)
{
    struct reply_text text;

    return reply_read_text(reply, &text) && stream_id_read(text.bytes, text.length, ret_id);
}

bool reply_read_fields(const redisReply *fields, struct entry *ret_entry)
{
    if (!reply_is_array(fields, 0))
        return false;
    ret_entry->count = fields->elements / 2;
    for (size_t i = 0; i < ret_entry->count && i < ENTRY_FIELDS_MAX; i++) {
        struct reply_text name, value;
        if (!reply_read_text(fields->element[2 * i], &name) ||
            !reply_read_text(fields->element[2 * i + 1], &value))
            return false;
        ret_entry->fields[i] =
            (struct entry_field){name.bytes, name.length, value.bytes, value.length};
    }
    return true;
}

bool reply_read_entry(const redisReply *reply, struct entry *ret_entry)
{
    const redisReply *fields = reply_element(reply, 1);

    return reply_read_stream_id(reply_element(reply, 0), &ret_entry->id) &&
           reply_is_array(fields, 2) && reply_read_fields(fields, ret_entry);
}

bool reply_copy_text(const redisReply *reply, char *ret_text, size_t room)
{
    struct reply_text text;

    if (!reply_read_text(reply, &text) || text.length >= room)
        return false;
    memcpy(ret_text, text.bytes, text.length);
    ret_text[text.length] = '\0';
    return true;
}

bool info_find(const struct reply_text *info, const char *name, char *ret_value, size_t size)
{
    char label[48];
    int length = snprintf(label, sizeof label, "\n%s:", name);
    const char *at = memmem(info->bytes, info->length, label, (size_t)length);

    if (!at)
        return false;
    at += length;
    size_t left = (size_t)(info->bytes + info->length - at);
    const char *end = memchr(at, '\r', left);
    (void)snprintf(ret_value, size, "%.*s", (int)(end ? end - at : (ptrdiff_t)left), at);
    return true;
}

static const struct {
    const char *begins;
    const char *reason;
} foreign[] = {
    /* An alert, and the first bytes of a handshake. */
    {"Protocol error, got \"\\x15\"", "what listens there speaks TLS, and was spoken to without"},
    {"Protocol error, got \"\\x16\"", "what listens there speaks TLS, and was spoken to without"},
    {"Protocol error, got \"H\"", "what listens there speaks HTTP, and is no Redis"},
    /* What a reader says when a part of a reply is not built: too many elements, what resp2.h does
     * not allow, or what nobody asked for. */
    {"Out of memory", "what listens there sent more than there is room for, or unasked"},
};

const char *connection_reason(const redisContext *context)
{
    const char *said = context->errstr;

    if (!said[0] || strcmp(said, strerror(0)) == 0)
        return "the connection broke, and the system does not say why";
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strncmp(said, foreign[i].begins, strlen(foreign[i].begins)) == 0)
            return foreign[i].reason;
    return said;
}
