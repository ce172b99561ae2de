/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_allowlist.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/program.h"
#include "common/redis/reply.h"
#include "ctl/drain/drain_group.h"

#define SET_MARK "@redis:"

static int take_members(const struct ctl_command *command, const redisReply *members,
                        const char *key, struct drain_symbols *symbols)
{
    struct reply_text name;

    for (size_t i = 0; i < members->elements; i++)
        if (!reply_read_text(members->element[i], &name) ||
            !drain_symbols_take(symbols, name.bytes, name.length))
            return command_fail(command, "the set %s has a member that is no symbol", key);
    if (members->elements == 0)
        return command_fail(command,
                            "the set %s is empty or not there; every entry would be dropped", key);
    return EXIT_DONE;
}

static int take_set(const struct invocation *invocation, const char *key,
                    struct drain_symbols *symbols)
{
    const struct ask ask = {invocation->command,
                            command_connect(invocation->command, invocation->settings)};
    struct command question = {0};
    redisReply *members;
    int status = EXIT_FAILED;

    if (!ask.client)
        return EXIT_FAILED;
    command_add_all(&question, "SMEMBERS", key, NULL);
    if (ask_for(&ask, DRAIN_REFUSED, &question, &members) == 0) {
        status = take_members(ask.command, members, key, symbols);
        freeReplyObject(members);
    }
    client_free(ask.client);
    return status;
}

static int take_file(const struct ctl_command *command, const char *path,
                     struct drain_symbols *symbols)
{
    char *complaint = drain_symbols_take_file(symbols, path);

    if (!complaint)
        return EXIT_DONE;
    (void)command_fail(command, "--symbols cannot be used: %s", complaint);
    free(complaint);
    return EXIT_USAGE;
}

/* "@", "@redis:" */
static int refuse_nameless(const struct ctl_command *command, const char *word)
{
    (void)command_fail(command, "--symbols has '%s' without the name of a %s behind it", word,
                       word[1] ? "set" : "file");
    return EXIT_USAGE;
}

static int take_word(const struct invocation *invocation, const char *word,
                     struct drain_symbols *symbols)
{
    if (strcmp(word, "@") == 0 || strcmp(word, SET_MARK) == 0)
        return refuse_nameless(invocation->command, word);
    if (strncmp(word, SET_MARK, strlen(SET_MARK)) == 0)
        return take_set(invocation, word + strlen(SET_MARK), symbols);
    if (*word == '@')
        return take_file(invocation->command, word + 1, symbols);
    if (drain_symbols_take(symbols, word, strlen(word)))
        return EXIT_DONE;
    (void)command_fail(invocation->command, "--symbols has '%s', which is no symbol",
                       escaped(word).text);
    return EXIT_USAGE;
}

int drain_allowlist_take(const struct invocation *invocation, const struct names *words,
                         struct drain_symbols *symbols)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < words->count && status == EXIT_DONE; i++)
        status = take_word(invocation, words->list[i], symbols);
    drain_symbols_seal(symbols);
    return status;
}
