/* SPDX-License-Identifier: MIT */
#include "ctl/frame/ask.h"

#include "common/redis/clock.h"
#include "common/redis/reply.h"

static int fail(const struct ask *ask)
{
    (void)command_fail(ask->command, "%s", client_error(ask->client));
    return -1;
}

int ask_reply(const struct ask *ask, struct command *question, redisReply **ret_reply)
{
    if (client_ask(ask->client, question, ret_reply) < 0)
        return fail(ask);
    return reply_is_error(*ret_reply) ? 1 : 0;
}

/* Passes the reply on, unless it is a refusal. */
static int must_be_done(const struct ask *ask, const char *what, redisReply *reply,
                        redisReply **ret_reply)
{
    if (!reply_is_error(reply)) {
        *ret_reply = reply;
        return 0;
    }
    (void)command_fail(ask->command, "%s: %s", what, reply_complaint(reply));
    freeReplyObject(reply);
    return -1;
}

int ask_collect(const struct ask *ask, const char *what, redisReply **ret_reply)
{
    redisReply *reply;

    if (client_collect(ask->client, &reply) < 0)
        return fail(ask);
    return must_be_done(ask, what, reply, ret_reply);
}

int ask_for(const struct ask *ask, const char *what, struct command *question,
            redisReply **ret_reply)
{
    redisReply *reply;

    if (client_ask(ask->client, question, &reply) < 0)
        return fail(ask);
    return must_be_done(ask, what, reply, ret_reply);
}

int ask_load(const struct ask *ask, struct script *script)
{
    struct command question = {0};
    redisReply *reply;

    command_add_all(&question, "SCRIPT", "LOAD", script->source, NULL);
    if (ask_for(ask, "Redis does not take the script", &question, &reply) < 0)
        return -1;
    bool is_loaded = reply_copy_text(reply, script->hash, sizeof script->hash);
    if (!is_loaded)
        (void)command_fail(ask->command, "Redis does not take the script: %s",
                           reply_complaint(reply));
    freeReplyObject(reply);
    return is_loaded ? 0 : -1;
}

int ask_time(const struct ask *ask, int64_t *ret_ms)
{
    struct command question = {0};
    redisReply *reply;

    command_add(&question, "TIME");
    if (ask_for(ask, "Redis does not tell the time", &question, &reply) < 0)
        return -1;
    bool is_read = reply_is_array(reply, 2) && redis_clock_read(reply, 0, ret_ms);
    if (!is_read)
        (void)command_fail(ask->command, "Redis does not tell the time: %s",
                           reply_complaint(reply));
    freeReplyObject(reply);
    return is_read ? 0 : -1;
}
