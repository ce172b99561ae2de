/* SPDX-License-Identifier: MIT */
#include "ctl/write/urgent.h"

#include "common/redis/reply.h"

bool urgent_is_out_of_memory(const redisReply *reply)
{
    return reply_is_error_code(reply, "OOM");
}

void urgent_script(const struct urgent *commands, size_t count, struct command *ret_command)
{
    *ret_command = (struct command){0};
    command_add_all(ret_command, "EVAL", urgent_lua, NULL);
    command_add_int(ret_command, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        command_add(ret_command, commands[i].key);
    for (size_t i = 0; i < count; i++) {
        command_add_int(ret_command, (int64_t)commands[i].command.count);
        command_add_command(ret_command, &commands[i].command);
    }
}

redisReply *urgent_choose(redisReply *refusal, redisReply *reply)
{
    bool may_not = reply_is_error_code(reply, "NOPERM");

    freeReplyObject(may_not ? reply : refusal);
    return may_not ? refusal : reply;
}

/* Of one command alone: what it says, without the array around it. */
static redisReply *take_only(redisReply *reply)
{
    if (!reply_is_array(reply, 1))
        return reply;
    redisReply *only = reply->element[0];
    reply->element[0] = NULL;
    freeReplyObject(reply);
    return only;
}

static int ask_script(struct client *client, const struct urgent *urgent, redisReply *refusal,
                      redisReply **ret_reply)
{
    struct command script;
    redisReply *reply;

    urgent_script(urgent, 1, &script);
    int result = client_ask(client, &script, &reply);
    if (result < 0)
        freeReplyObject(refusal);
    else
        *ret_reply = urgent_choose(refusal, take_only(reply));
    return result;
}

int urgent_ask(struct client *client, struct urgent *urgent, redisReply **ret_reply)
{
    struct command plain = {0};
    redisReply *reply;

    command_add_command(&plain, &urgent->command);
    int result = client_ask(client, &plain, &reply);
    if (result == 0 && urgent_is_out_of_memory(reply))
        result = ask_script(client, urgent, reply, ret_reply);
    else if (result == 0)
        *ret_reply = reply;
    command_free(&urgent->command);
    return result;
}
