/* SPDX-License-Identifier: MIT */
/*
 * quantumctl resume: releases safe mode, and tells a router in STATE_ROLLED_BACK or STATE_UNSURE
 * that the state it found is to be taken as it is. That is a new random word in the commit hash,
 * which it compares with the one it saw before.
 */
#include "ctl/control/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/options/program.h"
#include "common/redis/halts.h"
#include "common/redis/reply.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/look/capacity_look.h"
#include "ctl/write/transaction.h"

/* Behind the look at the key. */
enum { DELETED = KEY_LOOK_REPLIES, WRITTEN };

static void add_writes(struct transaction *transaction, const struct keys *keys)
{
    struct command clear = {0}, mark = {0};
    char token[TOKEN_MAX];

    token_draw(token);
    command_add_all(&clear, "DEL", keys->safe_mode, NULL);
    transaction_add(transaction, keys->safe_mode, &clear);
    command_add_all(&mark, "HSET", keys->commit, "resumed", NULL);
    command_add(&mark, token);
    transaction_add(transaction, keys->commit, &mark);
}

static int conclude(const struct keys *keys, const char *reason, const redisReply *replies)
{
    const redisReply *deleted = reply_element(replies, DELETED);
    const redisReply *written = reply_element(replies, WRITTEN);
    struct key_look before;
    char shown[SAFE_REASON_MAX];
    int64_t count;

    safe_reason_print(reason, shown);
    if (!key_look_read(replies, 0, &before) || !reply_read_integer(deleted, &count))
        return command_fail(&resume_command, "NOT released: Redis did not delete %s: %s",
                            keys->safe_mode, reply_complaint(deleted));
    if (count > 0)
        (void)printf("SAFE_MODE_CLEARED: %s was %s%s\n", escaped(keys->safe_mode).text, before.text,
                     shown);
    else
        (void)printf("Safe mode was not set: %s is missing\n", escaped(keys->safe_mode).text);
    if (!reply_read_integer(written, &count)) {
        (void)command_done(&resume_command);
        return command_fail(&resume_command,
                            "Redis did not write to %s: %s; routers in STATE_ROLLED_BACK or "
                            "STATE_UNSURE go on waiting",
                            keys->commit, reply_complaint(written));
    }
    (void)printf(
        "A router in STATE_ROLLED_BACK or STATE_UNSURE, if there is one, goes on from what Redis "
        "holds now.\n");
    return command_done(&resume_command);
}

/* It is released whatever becomes of the reason; one that stays would be told of the next halt that
 * somebody sets without one. */
static void forget_reason(struct client *client, const struct keys *keys)
{
    char *key = safe_reason_key(keys);
    struct command command = {0};
    redisReply *reply = NULL;

    command_add_all(&command, "DEL", key, NULL);
    if (client_ask(client, &command, &reply) < 0)
        (void)command_fail(&resume_command, "%s; whether %s was deleted is not known",
                           client_error(client), key);
    else if (reply_is_error(reply))
        (void)command_fail(&resume_command, "Redis did not delete %s: %s", key,
                           reply_complaint(reply));
    if (reply)
        freeReplyObject(reply);
    free(key);
}

/* A value, or that there is any; NULL: it does not halt. An error says why nobody knows. The reply
 * is the caller's to free. */
static int look_at(struct client *client, const char *word, redisReply **ret_reply)
{
    const char *value = halts_value(word);
    int key_length = (int)strcspn(word, "=");
    struct command command = {0};

    command_add(&command, value ? "GETRANGE" : "TYPE");
    command_add_format(&command, "%.*s", key_length, word);
    if (value) {
        command_add(&command, "0");
        command_add_int(&command, (int64_t)strlen(value));
    }
    return client_ask(client, &command, ret_reply);
}

static void tell_halt(struct client *client, const char *word, const char *does)
{
    const char *value = halts_value(word);
    redisReply *reply;

    if (look_at(client, word, &reply) < 0) {
        (void)command_fail(&resume_command, "%s; whether %s still halts is not known",
                           client_error(client), word);
        return;
    }
    bool is_other = reply_is_error(reply) && strncmp(reply->str, "WRONGTYPE", 9) == 0;
    if (reply_is_error(reply) && !is_other)
        (void)command_fail(&resume_command, "whether %s still halts is not known: %s", word,
                           reply_complaint(reply));
    else if (value ? reply_is_text(reply, value) : !reply_is_text(reply, "none"))
        (void)printf("STILL HALTED: %s is set → %s (safety.also); the one who set it releases it\n",
                     escaped(word).text, does);
    freeReplyObject(reply);
}

/* What the executor's file has wrong is not resume's to complain about. */
static void tell_what_still_halts(struct client *client, const struct router_settings *settings)
{
    struct executor_configuration executor;
    struct complaints complaints = {0};

    for (size_t i = 0; i < settings->halts.also.count; i++)
        tell_halt(client, settings->halts.also.list[i], "publishing nothing");
    executor_configuration_read(&executor, settings, "", &complaints);
    complaints_free(&complaints);
    const struct names *also = &executor.settings.halts.also;
    for (size_t i = 0; i < also->count; i++)
        if (!names_has(&settings->halts.also, also->list[i]))
            tell_halt(client, also->list[i], "the executor opens nothing");
    executor_configuration_release(&executor);
}

static int run(const struct invocation *invocation)
{
    const struct router_settings *settings = invocation->settings;
    struct client *client = invocation->ask->client;
    const struct keys *keys = &settings->keys;
    struct transaction transaction;
    const struct transaction_words words = {&resume_command, keys->safe_mode, "released",
                                            "NOT released: Redis did not delete"};
    char reason[SAFE_TEXT_MAX + 1];
    redisReply *replies;

    if (safe_reason_read(client, keys, reason) < 0)
        return command_fail(&resume_command, "NOT released: %s", client_error(client));
    transaction_begin(&transaction, client);
    key_look_add(&transaction, keys->safe_mode);
    add_writes(&transaction, keys);
    if (transaction_carry_out(&transaction, &words, &replies) != 0)
        return EXIT_FAILED;
    int status = conclude(keys, reason, replies);
    freeReplyObject(replies);
    forget_reason(client, keys);
    tell_what_still_halts(client, settings);
    return status == EXIT_DONE ? command_done(&resume_command) : status;
}

static char *by_hand(const struct keys *keys)
{
    return memory_format("DEL %s", escaped(keys->safe_mode).text);
}

const struct ctl_command resume_command = {
    .name = "resume",
    .words = "",
    .purpose = "Releases safe mode, and lets routers go on that wait after STATE_ROLLED_BACK or "
               "STATE_UNSURE.",
    .details =
        "It deletes the safe-mode key, no matter who set it, and says what stood in it; a key of "
        "safety.also that\nstill halts is named, and left to the one who set it. After "
        "STATE_ROLLED_BACK\nand STATE_UNSURE the routers publish again from the state that Redis "
        "holds now, what was held\nback included: look at the open orders first.\n\n"
        "Examples:\n"
        "  quantumctl capacity show\n"
        "  quantumctl resume\n",
    .values_size = 1,
    .failure_headline = "NOT released",
    .by_hand = by_hand,
    .asks = true,
    .run = run,
};
