/* SPDX-License-Identifier: MIT */
#include "ctl/look/safe_reason.h"

#include <stdio.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/halts.h"
#include "router/act/observe.h"

char *safe_reason_key(const struct keys *keys)
{
    return memory_format("%s" HALTS_REASON, keys->safe_mode);
}

int safe_reason_read(struct client *client, const struct keys *keys,
                     char ret_reason[static SAFE_TEXT_MAX + 1])
{
    struct snapshot snapshot = {0};
    struct command question = {0};
    redisReply *reply;

    observe_reason_command(keys, &question);
    if (client_ask(client, &question, &reply) < 0)
        return -1;
    observe_read_reason(reply, &snapshot);
    freeReplyObject(reply);
    (void)snprintf(ret_reason, SAFE_TEXT_MAX + 1, "%s", snapshot.safe_reason);
    return 0;
}

void safe_reason_print(const char *reason, char ret_text[static SAFE_REASON_MAX])
{
    char shown[4 * SAFE_TEXT_MAX];

    (void)escape(reason, strlen(reason), SAFE_TEXT_MAX - 1, shown, sizeof shown);
    ret_text[0] = '\0';
    if (*reason)
        (void)snprintf(ret_text, SAFE_REASON_MAX, " reason='%s'", shown);
}
