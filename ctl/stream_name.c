/* SPDX-License-Identifier: MIT */
#include "ctl/stream_name.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* Negative: the connection broke. Any other refusal is for whoever reads it then. XINFO, as a user
 * who may only look has no EXISTS. */
static int is_there(const struct ask *ask, const char *key)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "XINFO", "STREAM", key, NULL);
    int result = ask_reply(ask, &question, &reply);
    if (result < 0)
        return -1;
    bool found = !reply_is_no_key(reply);
    freeReplyObject(reply);
    return found;
}

char *stream_name_find(const struct ask *ask, const char *prefix, const char *given)
{
    char *whole = memory_format("%s%s", prefix, given);
    int as_given = is_there(ask, given);
    int with_prefix = as_given == 0 ? is_there(ask, whole) : 0;

    if (as_given < 0 || with_prefix < 0) {
        free(whole);
        return NULL;
    }
    if (with_prefix > 0)
        return whole;
    free(whole);
    return memory_text(given);
}
