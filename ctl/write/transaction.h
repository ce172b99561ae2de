/* SPDX-License-Identifier: MIT */
/*
 * Some commands that Redis runs together: MULTI, what was added, EXEC.
 *
 * A command that Redis does not even take makes it run none of them. One that fails while it runs
 * does not hold back the others, so the caller looks at each reply. Where Redis has no memory left
 * it takes no MULTI with anything in it: then they run together as what is urgent does
 * (ctl/write/urgent.h). Lives on the stack of one command of quantumctl.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/client.h"
#include "common/redis/command.h"
#include "ctl/frame/command.h"
#include "ctl/write/urgent.h"

enum { TRANSACTION_MAX = 8 }; /* commands: a look at a key, and some writes */

struct transaction {
    struct client *client;
    size_t count;
    struct urgent commands[TRANSACTION_MAX];
};

void transaction_begin(struct transaction *transaction, struct client *client);

/* Takes the command over; its key outlives the transaction. */
void transaction_add(struct transaction *transaction, const char *key, struct command *command);

/* What a command says of a transaction that did not come off. */
struct transaction_words {
    const struct ctl_command *command;
    const char *key;
    const char *done;    /* "set": whether it was is not known */
    const char *refused; /* "Redis did not set": and the key, and why */
};

/* Runs it, and it is over; nothing else may be without a reply. 0: the replies are the caller's to
 * free; else EXIT_FAILED, and it has said why. */
int transaction_carry_out(struct transaction *transaction, const struct transaction_words *words,
                          redisReply **ret_replies) __attribute__((warn_unused_result));

/*
 * What a key holds right before it is changed, in words for a person: its start, escaped, or its
 * type when it is no string. Read in the transaction that changes it.
 */

/* Replies that a look takes up in the transaction's reply. */
enum { KEY_LOOK_REPLIES = 3 };

struct key_look {
    bool is_set;
    char text[512];  /* "'1'", "(list)", "missing" */
    int64_t ttl_sec; /* negative: none */
};

void key_look_add(struct transaction *transaction, const char *key);

/* `at` is the place of its first reply. False: the replies are of another shape. */
bool key_look_read(const redisReply *replies, size_t at, struct key_look *ret_look);
