/* SPDX-License-Identifier: MIT */
#include "common/redis/script.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

struct loading {
    struct script *script;
    void (*done)(void *data, const char *complaint);
    void *data;
};

static void on_loaded(void *data, const redisReply *reply)
{
    struct loading *loading = data;
    bool loaded = reply_copy_text(reply, loading->script->hash, sizeof loading->script->hash) &&
                  *loading->script->hash;

    if (reply)
        loading->done(loading->data, loaded ? NULL : reply_complaint(reply));
    free(loading);
}

static void load_command(const struct script *script, struct command *command)
{
    command_add_all(command, "SCRIPT", "LOAD", script->source, NULL);
}

int script_load(struct script *script, struct link *link,
                void (*done)(void *data, const char *complaint), void *data)
{
    struct loading *loading = memory_new(sizeof *loading);
    struct command command = {0};

    *loading = (struct loading){script, done, data};
    load_command(script, &command);
    int refused = link_send(link, &command, link_reply_timeout_ms(link), on_loaded, loading);
    command_free(&command);
    if (refused)
        free(loading);
    return refused;
}

void script_command(const struct script *script, size_t key_count, struct command *ret_command)
{
    assert(script->hash[0] && "scripts are loaded when a connection opens");
    *ret_command = (struct command){0};
    command_add_all(ret_command, "EVALSHA", script->hash, NULL);
    command_add_int(ret_command, (int64_t)key_count);
}

struct call {
    const struct script *script;
    struct link *link;
    struct command command;
    uint64_t deadline_ms;
    link_reply_fn *on_reply;
    void *data;
    bool repeated;
};

static void free_call(struct call *call)
{
    command_free(&call->command);
    free(call);
}

static void on_reload(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

static void on_called(void *data, const redisReply *reply);

/* Both at once: the call behind the load finds the script there, or fails as it did. */
static int repeat(struct call *call)
{
    struct command load = {0};

    call->repeated = true;
    load_command(call->script, &load);
    int refused = link_send(call->link, &load, call->deadline_ms, on_reload, NULL);
    command_free(&load);
    return refused ? refused
                   : link_send(call->link, &call->command, call->deadline_ms, on_called, call);
}

static void on_called(void *data, const redisReply *reply)
{
    struct call *call = data;

    if (!call->repeated && reply_is_error_code(reply, "NOSCRIPT") && repeat(call) == 0)
        return;
    call->on_reply(call->data, reply);
    free_call(call);
}

int script_call(const struct script *script, struct link *link, struct command *command,
                uint64_t deadline_ms, link_reply_fn *on_reply, void *data)
{
    struct call *call = memory_new(sizeof *call);

    *call = (struct call){script, link, *command, deadline_ms, on_reply, data, false};
    *command = (struct command){0};
    int refused = link_send(link, &call->command, deadline_ms, on_called, call);
    if (refused)
        free_call(call);
    return refused;
}
