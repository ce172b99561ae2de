/* SPDX-License-Identifier: MIT */
#include "ctl/undone.h"

#include <stdlib.h>

#include "common/base/escape.h"
#include "common/base/memory.h"

static bool is_known(const struct redis_address *address)
{
    return address->path || address->host;
}

/* The socket, or host and port; the caller frees it. */
static char *cli_address(const struct redis_address *address)
{
    char *where;

    if (!is_known(address))
        return memory_text("-h HOST -p PORT");
    if (address->path)
        where = memory_format("-s %s", address->path);
    else
        where = memory_format("-h %s -p %d", address->host, address->port);
    if (address->database == 0)
        return where;
    char *whole = memory_format("%s -n %d", where, address->database);
    free(where);
    return whole;
}

static void tell_without_file(const struct ctl_command *command,
                              const struct router_settings *settings)
{
    const struct redis_address *redis = &settings->redis.address;
    char *address = is_known(redis) ? redis_address_text(redis) : memory_text("?");

    (void)command_fail(command,
                       "or leave the file out: " CTL_NAME " --config=/dev/null %s%s%s (Redis at "
                       "%s, prefix %s; if the file names others: --redis.url=… --prefix=… in front "
                       "of %s)",
                       command->name, *command->words ? " " : "", command->words,
                       escaped(address).text, escaped(settings->keys.prefix).text, command->name);
    free(address);
}

void undone_tell(const char *name, const struct options *options,
                 const struct router_settings *settings)
{
    const struct ctl_command *command = command_look_up(name);

    if (!command || !command->undone)
        return;
    char *address = cli_address(&settings->redis.address);
    char *words = command->by_hand(&settings->keys);
    (void)command_fail(command, "%s: the configuration is refused, see above; mend it",
                       command->undone);
    if (options->file)
        tell_without_file(command, settings);
    (void)command_fail(command, "or go without " CTL_NAME ": redis-cli %s %s",
                       escaped(address).text, words);
    free(words);
    free(address);
}
