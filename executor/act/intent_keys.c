/* SPDX-License-Identifier: MIT */
#include "executor/act/intent_keys.h"

#include <string.h>

#include "common/redis/reply.h"

void intent_keys_add_mark(const struct executor_keys *keys, const struct order *order,
                          struct command *command)
{
    command_add_format(command, "%s%s", keys->processed, order->decision_id);
}

void intent_keys_add_begun(const struct executor_keys *keys, const struct order *order,
                           struct command *command)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    command_add_format(command, "%s%s", keys->begun, id);
}

void intent_keys_add_last_exit(const struct executor_keys *keys, const struct order *order,
                               struct command *command)
{
    command_add_format(command, "%s%s", keys->last_exit, order->symbol);
}

void intent_keys_add_entry(const struct executor_keys *keys, const struct order *order,
                           struct command *command)
{
    command_add(command, keys->group);
    command_add_id(command, order->id);
}

const char *intent_keys_fault(const redisReply *reply)
{
    static const char code[] = "SYMBOLKEY ";

    if (!reply_is_error(reply) || strncmp(reply->str, code, sizeof code - 1) != 0)
        return NULL;
    return reply->str + sizeof code - 1;
}
