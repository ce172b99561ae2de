/* SPDX-License-Identifier: MIT */
/*
 * What seen() in keys.lua says of a key: "missing", "type:list", or "text:3" for a text. It points
 * into the reply.
 */
#pragma once

#include "common/redis/reply.h"

enum seen_kind { SEEN_MISSING, SEEN_OTHER_TYPE, SEEN_TEXT };

struct seen {
    enum seen_kind kind;
    struct reply_text text; /* the value; of another type its name; empty when missing */
};

/* False: it says neither of them. */
bool seen_read(const redisReply *reply, struct seen *ret_seen) __attribute__((warn_unused_result));
