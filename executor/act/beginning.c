/* SPDX-License-Identifier: MIT */
#include "executor/act/beginning.h"

#include <stdio.h>

#include "common/redis/reply.h"

static void add_begun_key(const struct executor_settings *settings, const struct order *order,
                          struct command *command)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    command_add_format(command, "%s%s", settings->keys.begun, id);
}

void beginning_command(const struct script *script, const struct executor_settings *settings,
                       const struct order *order, struct command *ret_command)
{
    script_command(script, 2, ret_command);
    command_add(ret_command, settings->keys.intents);
    add_begun_key(settings, order, ret_command);
    command_add(ret_command, settings->keys.group);
    command_add_id(ret_command, order->id);
    command_add_int(ret_command, executor_mark_sec(settings, order));
}

void beginning_fail_command(const struct script *script, const struct executor_settings *settings,
                            const struct order *order, const char *why, struct command *ret_command)
{
    script_command(script, 1, ret_command);
    add_begun_key(settings, order, ret_command);
    command_add(ret_command, why);
}

/* 'begun', count, note; or 'gone'. */
bool beginning_read(const redisReply *reply, struct beginning *ret_beginning)
{
    const redisReply *word = reply_element(reply, 0);
    struct beginning beginning = {.is_gone = reply_is_text(word, "gone")};

    if (!beginning.is_gone && (!reply_is_text(word, "begun") ||
                               !reply_read_integer(reply_element(reply, 1), &beginning.count)))
        return false;
    if (!reply_copy_text(reply_element(reply, 2), beginning.note, sizeof beginning.note) ||
        !beginning.note[0])
        (void)snprintf(beginning.note, sizeof beginning.note, "it was cut short");
    *ret_beginning = beginning;
    return true;
}
