/* SPDX-License-Identifier: MIT */
/*
 * A short command that is not to wait for room in Redis' memory: it writes safe mode, its reason or
 * the count of open orders. It goes as it is, which needs no right but its own. Where Redis refuses
 * it for lack of memory it goes once more in a script that may run then (urgent.lua); to one who
 * has no right to scripts the first refusal is the answer.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/redis/client.h"
#include "common/redis/command.h"

extern const char urgent_lua[];

struct urgent {
    const char *key; /* of the command; the caller's */
    struct command command;
};

/* Whether that is the refusal after which it goes in the script. */
bool urgent_is_out_of_memory(const redisReply *reply);

/* The script that runs these together; its reply is an array with an element for each. */
void urgent_script(const struct urgent *commands, size_t count, struct command *ret_command);

/* Which of the two is the answer: that refusal, or what the script said. Frees the other. */
redisReply *urgent_choose(redisReply *refusal, redisReply *reply);

/* As client_ask(): takes the command over. */
int urgent_ask(struct client *client, struct urgent *urgent, redisReply **ret_reply)
    __attribute__((warn_unused_result));
