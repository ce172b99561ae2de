/* SPDX-License-Identifier: MIT */
#include "ctl/frame/command.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/output.h"
#include "common/options/program.h"
#include "common/options/program_help.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/flags.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/terminal.h"

/* By how the reason begins. */
static const struct {
    const char *reason, *advice;
} advices[] = {
    {"NOAUTH", "give a password with redis.password_file, or a user and password in REDIS_URL"},
    {"WRONGPASS", "correct the password in redis.password_file, or user and password in REDIS_URL"},
    {"ERR AUTH", "Redis has no password: take it out of redis.password_file and REDIS_URL"},
    {"NOPERM", "name a user who may, with its password, in REDIS_URL, or change Redis's ACL"},
    {"DENIED", "Redis takes only its own machine until it has a password: see its protected-mode"},
    {"ERR DB index", "name another database in redis.url or REDIS_URL"},
    {"ERR max number of clients", "close some of its clients, or raise its maxclients"},
    {"LOADING", "it reads its data; wait until it is done"},
    {"TLS: ", "see redis.tls_ca, redis.tls_cert and redis.tls_key, and whom redis.url names"},
    {"redis.tls_", "correct it, or who may read it"},
    {"Name or service not known", "correct its name in redis.url or REDIS_URL"},
    {"Temporary failure in name", "the name server is not reached: try again, or give an address"},
    {"Permission denied", "be in the group of the socket, or run as root"},
    {"no answer in time", "it is overloaded or something is between; see redis-cli --latency"},
};

const char *advice_on(const char *reason)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (strncmp(reason, advices[i].reason, strlen(advices[i].reason)) == 0)
            return advices[i].advice;
    return "start it, or name another with --redis.url or REDIS_URL (Debian's own: systemctl "
           "enable --now redis-server)";
}

int command_usage_status(const struct ctl_command *command)
{
    return command && command->usage_status ? command->usage_status : EXIT_USAGE;
}

/* Wherever it goes, and narrower on a narrow terminal. */
size_t command_help_columns(void)
{
    enum { MOST = 80 };
    size_t columns = terminal_look().columns;

    return columns < MOST ? columns : MOST;
}

bool command_wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--help=all") == 0 ||
            strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* A command's options, at their defaults. */
struct own_options {
    struct option_group group;
    struct option_table table;
    struct options options;
    void *values;
};

static void own_options_init(struct own_options *own, const struct ctl_command *command)
{
    own->group = (struct option_group){command->rows, command->row_count, 0};
    own->table = (struct option_table){&own->group, 1};
    own->values = memory_new(command->values_size);
    options_init(&own->options, &own->table, own->values);
}

static void own_options_deinit(struct own_options *own)
{
    options_release(&own->options);
    free(own->values);
}

/* What does not fit into the first line goes on under its first word. */
static void print_usage(const struct ctl_command *command, size_t columns)
{
    static const char begin[] = "Usage: ";
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    char *usage = memory_format(CTL_NAME " [OPTION]... %s%s%s%s\n", command->name,
                                command->row_count > 0 ? " [OPTION]..." : "",
                                *command->words ? " " : "", command->words);

    assert(memory && "memory never fails");
    fold_print(memory, usage, columns - strlen(begin));
    (void)fclose(memory);
    assert(text && "it was written");
    for (char *line = text; *line; line += strcspn(line, "\n") + 1) {
        (void)printf("%*s", (int)strlen(begin), line == text ? begin : "");
        (void)fwrite(line, 1, strcspn(line, "\n") + 1, stdout);
    }
    free(usage);
    free(text);
}

int command_help(const struct ctl_command *command)
{
    size_t columns = command_help_columns();
    struct own_options own;

    own_options_init(&own, command);
    print_usage(command, columns);
    fold_print(stdout, command->purpose, columns);
    (void)puts("");
    if (command->row_count > 0) {
        program_help_options(stdout, &own.options, NULL);
        (void)puts("");
    }
    fold_print_paragraphs(stdout, command->details, columns);
    (void)puts("\nThe options in front of the command: " CTL_NAME " --help");
    own_options_deinit(&own);
    return command_done(command);
}

static void print_complaints(const struct ctl_command *command, const struct complaints *complaints)
{
    char *name = memory_format(CTL_NAME " %s", command->name);

    complaints_print(complaints, name);
    free(name);
}

static void check_words(const struct ctl_command *command, const struct names *words,
                        struct complaints *complaints)
{
    if (words->count < command->words_min)
        complain(complaints, "it takes %s, and %s was given (see " CTL_NAME " %s --help)",
                 command->words, words->count == 0 ? "nothing" : "not all of it", command->name);
    else if (words->count > command->words_max)
        complain(complaints, "'%s' is not expected here (see " CTL_NAME " %s --help)",
                 escaped(words->list[command->words_max]).text, command->name);
}

const struct ctl_action *command_action(const struct ctl_command *command,
                                        const struct names *words)
{
    for (const struct ctl_action *action = command->actions; action && action->name; action++)
        if (strcmp(words->list[0], action->name) == 0)
            return action;
    return NULL;
}

/* EXIT_FAILED too where Redis is not reached, which was told. */
static int act(struct invocation *invocation)
{
    const struct ctl_command *command = invocation->command;
    const struct ctl_action whole = {command->name, command->asks, command->run};
    const struct ctl_action *action =
        command->actions ? command_action(command, invocation->words) : &whole;

    if (!action->asks)
        return action->run(invocation);
    struct client *client = command_connect(command, invocation->settings);
    const struct ask ask = {command, client};
    if (!client)
        return EXIT_FAILED;
    invocation->ask = &ask;
    int status = action->run(invocation);
    client_free(client);
    return status;
}

/* The wrong usage of a command, told. */
static int refuse(const struct ctl_command *command, const struct complaints *complaints)
{
    print_complaints(command, complaints);
    return command_usage_status(command);
}

static int run_with_executor(struct invocation *invocation, struct complaints *complaints)
{
    const struct ctl_command *command = invocation->command;
    struct executor_configuration executor;

    executor_configuration_read(&executor, invocation->settings,
                                command->executor_file(invocation->values), complaints);
    invocation->executor = &executor.settings;
    int status = complaints->count == 0 ? act(invocation) : refuse(command, complaints);
    executor_configuration_release(&executor);
    return status;
}

static int run(const struct ctl_command *command, const struct router_settings *settings,
               const struct own_options *own, const struct names *words,
               struct complaints *complaints)
{
    struct invocation invocation = {
        .command = command, .settings = settings, .values = own->values, .words = words};

    if (complaints->count == 0)
        check_words(command, words, complaints);
    if (complaints->count == 0 && command->check)
        command->check(&own->options, words, complaints);
    if (complaints->count > 0)
        return refuse(command, complaints);
    return command->executor_file ? run_with_executor(&invocation, complaints) : act(&invocation);
}

int command_run(const struct ctl_command *command, const struct router_settings *settings, int argc,
                char **argv)
{
    struct complaints complaints = {0};
    struct names words = {0};
    struct own_options own;
    struct router_settings defaults = {0};
    struct options front;

    own_options_init(&own, command);
    options_init(&front, &router_options, &defaults);
    flags_read(&own.options, &(struct flags_place){CTL_NAME, command->name, &front}, argc, argv,
               &words, &complaints);
    int status = run(command, settings, &own, &words, &complaints);
    options_release(&front);
    router_settings_release(&defaults);
    free(words.list);
    complaints_free(&complaints);
    own_options_deinit(&own);
    return status;
}

static void tell(const struct ctl_command *command, const char *line)
{
    struct complaints complaints = {0};

    complain(&complaints, "%s", line);
    print_complaints(command, &complaints);
    complaints_free(&complaints);
}

int command_fail(const struct ctl_command *command, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *line = memory_format_list(format, arguments);
    va_end(arguments);
    if (command->complain)
        command->complain(line);
    else
        tell(command, line);
    free(line);
    return EXIT_FAILED;
}

struct client *command_connect(const struct ctl_command *command,
                               const struct router_settings *settings)
{
    struct client *client = client_new(&settings->redis, CTL_NAME);

    if (client_open(client) == 0)
        return client;
    bool is_locked = strncmp(client_reason(client), "NOAUTH", strlen("NOAUTH")) == 0;
    bool is_others = is_locked && access(CTL_ENV_PATH, R_OK) != 0 && errno == EACCES;
    const char *error = client_error(client);
    size_t length = strlen(error);
    length -= length > 0 && error[length - 1] == '.';
    (void)command_fail(
        command, "%s%s%.*s; %s%s", command->failure_headline ? command->failure_headline : "",
        command->failure_headline ? ": " : "", (int)length, error, advice_on(client_reason(client)),
        is_others ? "; " CTL_ENV_PATH " may have it, and is not yours to read" : "");
    client_free(client);
    return NULL;
}

int command_done(const struct ctl_command *command)
{
    int result = output_finish();

    if (result == 0)
        return EXIT_DONE;
    return command_fail(command, "stdout cannot be written: %s", strerror(-result));
}

const char *const live_mode_names[] = {"dry-run", "live", NULL};

void live_mode_conclude(int mode)
{
    if (mode == MODE_DRY_RUN)
        (void)puts("dry run: nothing was changed; do it with --mode=live");
}

#define NO_FILE "/dev/null"

/* Its first guide, for a shell: a node sends redis-cli on, and a Sentinel's answer is its address.
 */
static char *guided_address(const struct guides *guides)
{
    const struct place *first = &guides->list[0];

    if (guides->kind == GUIDES_NODES)
        return memory_format("-c -h %s -p %d", first->host, first->port);
    return memory_format("$(redis-cli -h %s -p %d SENTINEL GET-MASTER-ADDR-BY-NAME %s | "
                         "xargs printf -- '-h %%s -p %%s')",
                         first->host, first->port, guides->master);
}

/* The socket, or host and port; the caller frees it. */
static char *cli_address(const struct redis_address *address)
{
    char *where;

    if (!redis_address_is_known(address))
        return memory_text("-h HOST -p PORT");
    if (address->guides.count > 0)
        where = guided_address(&address->guides);
    else if (address->path)
        where = memory_format("-s %s", address->path);
    else
        where = memory_format("-h %s -p %d", address->host, address->port);
    if (address->database == 0)
        return where;
    return memory_extend(where, " -n %d", address->database);
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
    char *address = redis_address_is_known(redis) ? redis_address_text(redis) : memory_text("?");

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
