/* SPDX-License-Identifier: MIT */
/*
 * Typed readers of replies: nothing in a reply is believed before it was looked at. Texts point
 * into the reply.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/base/stream_id.h"

struct reply_text {
    const char *bytes;
    size_t length;
};

/* NULL (the connection is gone) is no error reply. */
bool reply_is_error(const redisReply *reply);

/* Whether it is an error of this code: its first word. */
bool reply_is_error_code(const redisReply *reply, const char *code);

/* Whether it says that the key is not there, which XINFO and a few others do. */
bool reply_is_no_key(const redisReply *reply);

/* What an error reply says, or what is wrong with one that should have been something else. The
 * latter may mean that questions and replies no longer fit each other on this connection. */
#define REPLY_MALFORMED "Redis sent a reply of an unexpected shape"
const char *reply_complaint(const redisReply *reply);

/* The same; behind what an error reply says stands what was asked of which key, which Redis seldom
 * tells: "WRONGTYPE … (XACK stream)". */
#define REPLY_COMPLAINT_MAX 512
void reply_complaint_about(const redisReply *reply, const char *command, const char *key,
                           char ret_text[static REPLY_COMPLAINT_MAX]);

bool reply_is_array(const redisReply *reply, size_t elements_min);
const redisReply *reply_element(const redisReply *array, size_t index);

/* The value behind a name in a flat list of names and values, or NULL. */
const redisReply *reply_named(const redisReply *list, const char *name);
bool reply_read_text(const redisReply *reply, struct reply_text *ret_text);
bool reply_is_text(const redisReply *reply, const char *text);

/* An integer reply, or a text that is a canonical integer. */
bool reply_read_integer(const redisReply *reply, int64_t *ret_value);

/* The one behind a name in a flat list, or the other value. */
int64_t reply_named_integer(const redisReply *list, const char *name, int64_t otherwise);
bool reply_read_stream_id(const redisReply *reply, struct stream_id *ret_id);

/* The fields of an entry, names and values in turn; its id is left as it is. False when they are
 * malformed. */
bool reply_read_fields(const redisReply *fields, struct entry *ret_entry);

/* One of the entries of a reply to XRANGE and the like, id and fields. */
bool reply_read_entry(const redisReply *reply, struct entry *ret_entry);

/* Copies a text that is shorter than `room`. */
bool reply_copy_text(const redisReply *reply, char *ret_text, size_t room);

/* Out of what INFO says: the value in the line "name:value\r\n", cut to the room there is. False:
 * there is no such line. */
#define INFO_RUN_ID_MAX 41 /* a server's run id, 40 hex digits, and its NUL */
bool info_find(const struct reply_text *info, const char *name, char *ret_value, size_t size);

/* Why a connection ended, in words that help: hiredis takes them from errno, which says "Success"
 * where the library below it failed without one, and names a foreign protocol by its first byte.
 * Lives as long as the context. */
const char *connection_reason(const redisContext *context);
