/* SPDX-License-Identifier: MIT */
#include "common/redis/script.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
    struct command beside; /* empty: none */
    uint64_t deadline_ms;
    link_reply_fn *on_reply;
    void *data;
    char *refused; /* the error of the first of several commands that Redis did not take in */
    bool repeated;
};

static void free_call(struct call *call)
{
    command_free(&call->command);
    command_free(&call->beside);
    free(call->refused);
    free(call);
}

static void ignore(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

static void on_called(void *data, const redisReply *reply);

static void on_taken_in(void *data, const redisReply *reply)
{
    struct call *call = data;

    if (!call->refused && reply_is_error(reply))
        call->refused = memory_bytes(reply->str, reply->len);
}

/* What was refused explains more than EXEC, which says that something was. */
static void on_executed(void *data, const redisReply *reply)
{
    struct call *call = data;
    redisReply refused = {.type = REDIS_REPLY_ERROR, .str = call->refused};

    if (call->refused)
        refused.len = strlen(call->refused);
    on_called(call, reply && call->refused ? &refused : reply);
}

static int send_word(struct call *call, const char *word, link_reply_fn *on_reply)
{
    struct command command = {0};

    command_add(&command, word);
    int refused = link_send(call->link, &command, call->deadline_ms, on_reply, call);
    command_free(&command);
    return refused;
}

/* A link takes all of what is sent at a time, or none. */
static int send_both(struct call *call)
{
    int refused = send_word(call, "MULTI", on_taken_in);

    if (refused)
        return refused;
    (void)!link_send(call->link, &call->command, call->deadline_ms, on_taken_in, call);
    (void)!link_send(call->link, &call->beside, call->deadline_ms, on_taken_in, call);
    return send_word(call, "EXEC", on_executed);
}

static int send_call(struct call *call)
{
    return call->beside.count > 0
               ? send_both(call)
               : link_send(call->link, &call->command, call->deadline_ms, on_called, call);
}

/* Both at once: the call behind the load finds the script there, or fails as it did. */
static int repeat(struct call *call)
{
    struct command load = {0};

    call->repeated = true;
    load_command(call->script, &load);
    int refused = link_send(call->link, &load, call->deadline_ms, ignore, NULL);
    command_free(&load);
    return refused ? refused : send_call(call);
}

static bool is_forgotten(const struct call *call, const redisReply *reply)
{
    const redisReply *said = call->beside.count > 0 ? reply_element(reply, 0) : reply;

    return reply_is_error_code(said, "NOSCRIPT");
}

static void on_called(void *data, const redisReply *reply)
{
    struct call *call = data;

    if (!call->repeated && is_forgotten(call, reply) && repeat(call) == 0)
        return;
    call->on_reply(call->data, reply);
    free_call(call);
}

int script_call_beside(const struct script *script, struct link *link, struct command *command,
                       struct command *beside, uint64_t deadline_ms, link_reply_fn *on_reply,
                       void *data)
{
    struct call *call = memory_new(sizeof *call);

    *call =
        (struct call){script, link, *command, *beside, deadline_ms, on_reply, data, NULL, false};
    *command = *beside = (struct command){0};
    int refused = send_call(call);
    if (refused)
        free_call(call);
    return refused;
}

int script_call(const struct script *script, struct link *link, struct command *command,
                uint64_t deadline_ms, link_reply_fn *on_reply, void *data)
{
    return script_call_beside(script, link, command, &(struct command){0}, deadline_ms, on_reply,
                              data);
}
