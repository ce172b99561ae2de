/* SPDX-License-Identifier: MIT */
#include "ctl/write/transaction.h"

#include "common/options/program.h"
#include "common/redis/reply.h"

static void append_word(struct client *client, const char *word)
{
    struct command command = {0};

    command_add(&command, word);
    client_append(client, &command);
}

void transaction_begin(struct transaction *transaction, struct client *client)
{
    *transaction = (struct transaction){.client = client};
    append_word(client, "MULTI");
}

void transaction_add(struct transaction *transaction, struct command *command)
{
    client_append(transaction->client, command);
    transaction->count++;
}

/* What came before EXEC: the first refusal says why, EXEC only that there was one. */
static int collect_queued(const struct transaction *transaction, redisReply **ret_refusal)
{
    redisReply *refusal = NULL, *reply;

    for (size_t i = 0; i < 1 + transaction->count; i++) {
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
static int run(struct transaction *transaction, redisReply **ret_reply)
{
    redisReply *refusal, *reply;

    append_word(transaction->client, "EXEC");
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

int transaction_carry_out(struct transaction *transaction, const struct transaction_words *words,
                          redisReply **ret_replies)
{
    redisReply *reply;
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
