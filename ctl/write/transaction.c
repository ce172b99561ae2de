/* SPDX-License-Identifier: MIT */
#include "ctl/write/transaction.h"

#include <assert.h>
#include <stdio.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/program.h"
#include "common/redis/reply.h"

void transaction_begin(struct transaction *transaction, struct client *client)
{
    *transaction = (struct transaction){.client = client};
}

void transaction_add(struct transaction *transaction, const char *key, struct command *command)
{
    assert(transaction->count < TRANSACTION_MAX);
    transaction->commands[transaction->count++] = (struct urgent){key, *command};
    *command = (struct command){0};
}

/* Its own round trip: where MULTI is refused, what comes behind it would run, each by itself. */
static int open_it(const struct transaction *transaction, redisReply **ret_reply)
{
    struct command multi = {0};

    command_add(&multi, "MULTI");
    int result = client_ask(transaction->client, &multi, ret_reply);
    return result < 0 ? result : reply_is_error(*ret_reply);
}

static void append(const struct transaction *transaction)
{
    struct command exec = {0};

    for (size_t i = 0; i < transaction->count; i++) {
        struct command command = {0};
        command_add_command(&command, &transaction->commands[i].command);
        client_append(transaction->client, &command);
    }
    command_add(&exec, "EXEC");
    client_append(transaction->client, &exec);
}

/* What came before EXEC: the first refusal says why, EXEC only that there was one. */
static int collect_queued(const struct transaction *transaction, redisReply **ret_refusal)
{
    redisReply *refusal = NULL, *reply;

    for (size_t i = 0; i < transaction->count; i++) {
        if (client_collect(transaction->client, &reply) < 0) {
            if (refusal)
                freeReplyObject(refusal);
            return -1;
        }
        if (!refusal && reply_is_error(reply))
            refusal = reply;
        else
            freeReplyObject(reply);
    }
    *ret_refusal = refusal;
    return 0;
}

/* Negative: the connection broke, and client_error() says how. 1: Redis refused, nothing was done,
 * and the reply says why. 0: the reply is an array with an element for each command. The reply is
 * the caller's to free. */
static int run_plain(const struct transaction *transaction, redisReply **ret_reply)
{
    redisReply *refusal, *reply;
    int result = open_it(transaction, &reply);

    if (result != 0) {
        *ret_reply = reply;
        return result;
    }
    freeReplyObject(reply);
    append(transaction);
    if (client_flush(transaction->client) < 0 || collect_queued(transaction, &refusal) < 0)
        return -1;
    if (client_collect(transaction->client, &reply) < 0) {
        if (refusal)
            freeReplyObject(refusal);
        return -1;
    }
    if (refusal) {
        freeReplyObject(reply);
        *ret_reply = refusal;
        return 1;
    }
    *ret_reply = reply;
    return reply_is_array(reply, transaction->count) ? 0 : 1;
}

/* The same results. */
static int run_script(const struct transaction *transaction, redisReply *refusal,
                      redisReply **ret_reply)
{
    struct command script;
    redisReply *reply;

    urgent_script(transaction->commands, transaction->count, &script);
    int result = client_ask(transaction->client, &script, &reply);
    if (result < 0) {
        freeReplyObject(refusal);
        return result;
    }
    *ret_reply = urgent_choose(refusal, reply);
    return reply_is_array(*ret_reply, transaction->count) ? 0 : 1;
}

static int run(struct transaction *transaction, redisReply **ret_reply)
{
    redisReply *reply;
    int result = run_plain(transaction, &reply);

    if (result > 0 && urgent_is_out_of_memory(reply))
        result = run_script(transaction, reply, ret_reply);
    else if (result >= 0)
        *ret_reply = reply;
    for (size_t i = 0; i < transaction->count; i++)
        command_free(&transaction->commands[i].command);
    return result;
}

int transaction_carry_out(struct transaction *transaction, const struct transaction_words *words,
                          redisReply **ret_replies)
{
    redisReply *reply = NULL; /* gcc 14 does not see that run() sets it */
    int result = run(transaction, &reply);

    if (result < 0)
        return command_fail(words->command, "%s; whether %s was %s is not known",
                            client_error(transaction->client), words->key, words->done);
    if (result > 0) {
        (void)command_fail(words->command, "%s %s: %s", words->refused, words->key,
                           reply_complaint(reply));
        freeReplyObject(reply);
        return EXIT_FAILED;
    }
    *ret_replies = reply;
    return 0;
}

enum { KEY_TYPE, KEY_TEXT, KEY_TTL };

/* More than this of a value tells a person nothing; one byte more shows that it was cut. */
enum { SHOWN_MAX = 400 };

void key_look_add(struct transaction *transaction, const char *key)
{
    struct command type = {0}, text = {0}, ttl = {0};

    command_add_all(&type, "TYPE", key, NULL);
    transaction_add(transaction, key, &type);
    command_add_all(&text, "GETRANGE", key, "0", NULL);
    command_add_int(&text, SHOWN_MAX);
    transaction_add(transaction, key, &text);
    command_add_all(&ttl, "TTL", key, NULL);
    transaction_add(transaction, key, &ttl);
}

/* GETRANGE fails for what is no string. */
bool key_look_read(const redisReply *replies, size_t at, struct key_look *ret_look)
{
    struct reply_text type, text;
    struct key_look look = {0};
    char shown[sizeof look.text - 2];

    if (!reply_read_text(reply_element(replies, at + KEY_TYPE), &type) ||
        !reply_read_integer(reply_element(replies, at + KEY_TTL), &look.ttl_sec))
        return false;
    look.is_set = !reply_is_text(reply_element(replies, at + KEY_TYPE), "none");
    if (!look.is_set) {
        (void)snprintf(look.text, sizeof look.text, "missing");
    } else if (reply_read_text(reply_element(replies, at + KEY_TEXT), &text)) {
        (void)escape(text.bytes, text.length, SHOWN_MAX, shown, sizeof shown);
        (void)snprintf(look.text, sizeof look.text, "'%s'", shown);
    } else {
        (void)escape(type.bytes, type.length, SHOWN_MAX, shown, sizeof shown);
        (void)snprintf(look.text, sizeof look.text, "(%s)", shown);
    }
    *ret_look = look;
    return true;
}
