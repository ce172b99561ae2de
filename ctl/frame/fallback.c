/* SPDX-License-Identifier: MIT */
#include "ctl/frame/fallback.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"

#define NO_FILE "/dev/null"

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

static bool leaves_config(const struct options *options)
{
    return options->rest_wrong && options->file && strcmp(options->file, NO_FILE) != 0;
}

/* The variables may be what names Redis, and hold its password. */
static void tell_without_variables(const struct ctl_command *command, const struct options *options)
{
    (void)command_fail(command,
                       "or leave " CTL_ENV_PATH " out: " CTL_NAME " --env-file=" NO_FILE
                       "%s %s%s%s (if it"
                       " names Redis: REDIS_URL=redis://USER:PASSWORD@HOST:PORT in front of it)",
                       leaves_config(options) ? " --config=" NO_FILE : "", command->name,
                       *command->words ? " " : "", command->words);
}

static void tell_without_file(const struct ctl_command *command,
                              const struct router_settings *settings)
{
    const struct redis_address *redis = &settings->redis.address;
    char *address = is_known(redis) ? redis_address_text(redis) : memory_text("?");

    (void)command_fail(command,
                       "or leave the file out: " CTL_NAME " --config=" NO_FILE " %s%s%s (Redis at "
                       "%s, prefix %s; if the file names others: --redis.url=… --prefix=… in front "
                       "of %s)",
                       command->name, *command->words ? " " : "", command->words,
                       escaped(address).text, escaped(settings->keys.prefix).text, command->name);
    free(address);
}

void fallback_tell(const struct ctl_command *command, const struct options *options,
                   const struct router_settings *settings)
{
    if (!command || !command->failure_headline)
        return;
    char *address = cli_address(&settings->redis.address);
    char *words = command->by_hand(&settings->keys);
    (void)command_fail(command, "%s: the configuration is refused, see above; correct it",
                       command->failure_headline);
    if (options->usual_variables_wrong)
        tell_without_variables(command, options);
    else if (leaves_config(options))
        tell_without_file(command, settings);
    (void)command_fail(command, "or go without " CTL_NAME ": redis-cli %s %s",
                       escaped(address).text, words);
    free(words);
    free(address);
}
