/* SPDX-License-Identifier: MIT */
#include "ctl/write/key_look.h"

#include <stdio.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

enum { KEY_TYPE, KEY_TEXT, KEY_TTL };

/* More than this of a value tells a person nothing; one byte more shows that it was cut. */
enum { SHOWN_MAX = 400 };

void key_look_add(struct transaction *transaction, const char *key)
{
    struct command type = {0}, text = {0}, ttl = {0};

    command_add_all(&type, "TYPE", key, NULL);
    transaction_add(transaction, &type);
    command_add_all(&text, "GETRANGE", key, "0", NULL);
    command_add_int(&text, SHOWN_MAX);
    transaction_add(transaction, &text);
    command_add_all(&ttl, "TTL", key, NULL);
    transaction_add(transaction, &ttl);
}

/* GETRANGE fails for what is no string. */
bool key_look_read(const redisReply *replies, size_t at, struct key_look *ret_look)
{
    struct reply_text type, text;
    struct key_look look = {0};
    char shown[sizeof look.text - 2];

    if (!reply_read_text(reply_element(replies, at + KEY_TYPE), &type) ||
        !reply_read_integer(reply_element(replies, at + KEY_TTL), &look.ttl_sec))
        return false;
    look.is_set = !reply_is_text(reply_element(replies, at + KEY_TYPE), "none");
    if (!look.is_set) {
        (void)snprintf(look.text, sizeof look.text, "missing");
    } else if (reply_read_text(reply_element(replies, at + KEY_TEXT), &text)) {
        (void)escape(text.bytes, text.length, SHOWN_MAX, shown, sizeof shown);
        (void)snprintf(look.text, sizeof look.text, "'%s'", shown);
    } else {
        (void)escape(type.bytes, type.length, SHOWN_MAX, shown, sizeof shown);
        (void)snprintf(look.text, sizeof look.text, "(%s)", shown);
    }
    *ret_look = look;
    return true;
}
