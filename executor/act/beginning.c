/* SPDX-License-Identifier: MIT */
#include "executor/act/beginning.h"

#include <stdio.h>

#include "common/redis/reply.h"
#include "executor/act/intent_keys.h"

void beginning_command(const struct office *office, const struct order *order,
                       struct command *ret_command)
{
    const struct executor_keys *keys = &office->settings->keys;

    office_command(office, SCRIPT_BEGIN, 2, ret_command);
    command_add(ret_command, keys->intents);
    intent_keys_add_begun(keys, order, ret_command);
    intent_keys_add_entry(keys, order, ret_command);
    command_add_int(ret_command, executor_mark_sec(office->settings, order));
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

void beginning_fail_command(const struct office *office, const struct order *order, const char *why,
                            struct command *ret_command)
{
    office_command(office, SCRIPT_FAIL, 1, ret_command);
    intent_keys_add_begun(&office->settings->keys, order, ret_command);
    command_add_format(ret_command, "%.127s", why);
}
