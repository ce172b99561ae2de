/* SPDX-License-Identifier: MIT */
#include "ctl/drain/drain_allowlist.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/program.h"
#include "common/redis/reply.h"
#include "ctl/command.h"
#include "ctl/drain/drain_group.h"

#define SET_MARK "@redis:"

static int take_members(const redisReply *members, const char *key, struct drain_symbols *symbols)
{
    struct reply_text name;

    for (size_t i = 0; i < members->elements; i++)
        if (!reply_read_text(members->element[i], &name) ||
            !drain_symbols_take(symbols, name.bytes, name.length))
            return command_fail(&drain_command, "the set %s has a member that is no symbol", key);
    if (members->elements == 0)
        return command_fail(&drain_command,
                            "the set %s is empty or not there; every entry would be dropped", key);
    return EXIT_DONE;
}

static int take_set(const struct router_settings *settings, const char *key,
                    struct drain_symbols *symbols)
{
    struct client *client = command_connect(&drain_command, settings);
    struct command command = {0};
    redisReply *members;
    int status = EXIT_FAILED;

    if (!client)
        return EXIT_FAILED;
    command_add_all(&command, "SMEMBERS", key, NULL);
    if (drain_ask(client, &command, &members) == 0) {
        status = take_members(members, key, symbols);
        freeReplyObject(members);
    }
    client_free(client);
    return status;
}

static int take_file(const char *path, struct drain_symbols *symbols)
{
    char *complaint = drain_symbols_take_file(symbols, path);

    if (!complaint)
        return EXIT_DONE;
    (void)command_fail(&drain_command, "--symbols cannot be used: %s", complaint);
    free(complaint);
    return EXIT_USAGE;
}

/* "@", "@redis:" */
static int refuse_nameless(const char *word)
{
    (void)command_fail(&drain_command, "--symbols has '%s' without the name of a %s behind it",
                       word, word[1] ? "set" : "file");
    return EXIT_USAGE;
}

static int take_word(const struct router_settings *settings, const char *word,
                     struct drain_symbols *symbols)
{
    if (strcmp(word, "@") == 0 || strcmp(word, SET_MARK) == 0)
        return refuse_nameless(word);
    if (strncmp(word, SET_MARK, strlen(SET_MARK)) == 0)
        return take_set(settings, word + strlen(SET_MARK), symbols);
    if (*word == '@')
        return take_file(word + 1, symbols);
    if (drain_symbols_take(symbols, word, strlen(word)))
        return EXIT_DONE;
    (void)command_fail(&drain_command, "--symbols has '%s', which is no symbol",
                       escaped(word).text);
    return EXIT_USAGE;
}

int drain_allowlist_take(const struct router_settings *settings, const struct names *words,
                         struct drain_symbols *symbols)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < words->count && status == EXIT_DONE; i++)
        status = take_word(settings, words->list[i], symbols);
    drain_symbols_seal(symbols);
    return status;
}
