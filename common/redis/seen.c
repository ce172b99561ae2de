/* SPDX-License-Identifier: MIT */
#include "common/redis/seen.h"

#include <string.h>

bool seen_read(const redisReply *reply, struct seen *ret_seen)
{
    enum { PREFIX = 5 };
    struct reply_text said;

    if (reply_is_text(reply, "missing")) {
        *ret_seen = (struct seen){SEEN_MISSING, {"", 0}};
        return true;
    }
    if (!reply_read_text(reply, &said) || said.length < PREFIX)
        return false;
    bool is_text = memcmp(said.bytes, "text:", PREFIX) == 0;
    if (!is_text && memcmp(said.bytes, "type:", PREFIX) != 0)
        return false;
    *ret_seen = (struct seen){is_text ? SEEN_TEXT : SEEN_OTHER_TYPE,
                              {said.bytes + PREFIX, said.length - PREFIX}};
    return true;
}
