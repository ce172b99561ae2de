/* SPDX-License-Identifier: MIT */
/*
 * quantumctl: the operator's tool. What is in front of the command is the program's, the rest the
 * command's own.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/output.h"
#include "common/base/spelling.h"
#include "common/options/program.h"
#include "common/service/libraries.h"
#include "ctl/archive/archive.h"
#include "ctl/capacity/capacity.h"
#include "ctl/check/check.h"
#include "ctl/control/halt.h"
#include "ctl/control/redis.h"
#include "ctl/control/resume.h"
#include "ctl/control/send.h"
#include "ctl/demo/demo.h"
#include "ctl/dlq/dlq.h"
#include "ctl/drain/drain.h"
#include "ctl/explain/explain.h"
#include "ctl/feed/feed.h"
#include "ctl/frame/command.h"
#include "ctl/frame/fold.h"
#include "ctl/groups/groups.h"
#include "ctl/positions/positions.h"
#include "ctl/replay/replay.h"
#include "ctl/report/report.h"
#include "ctl/status/compare.h"
#include "ctl/status/status.h"
#include "ctl/trim/trim.h"
#include "ctl/web/web.h"

/* In the order of --help. */
static const struct ctl_command *const commands[] = {
    &status_command,  &web_command,      &compare_command,
    &groups_command,  &dlq_command,      &trim_command,
    &drain_command,   &check_command,    &halt_command,
    &resume_command,  &capacity_command, &positions_command,
    &explain_command, &replay_command,   &report_command,
    &archive_command, &redis_command,    &send_command,
    &feed_command,    &demo_command,     NULL,
};

static const struct ctl_command *look_up(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static const struct ctl_command *nearest(const char *name)
{
    struct spelling_search search = spelling_search(name);
    const struct ctl_command *best = NULL;

    for (size_t i = 0; commands[i]; i++)
        if (spelling_is_nearer(&search, commands[i]->name, strlen(commands[i]->name)))
            best = commands[i];
    return best;
}

/* NULL after saying that there is none. */
static const struct ctl_command *find(const char *name)
{
    const struct ctl_command *command = look_up(name);

    if (command)
        return command;
    const struct ctl_command *near = nearest(name);
    if (near)
        (void)fprintf(stderr, CTL_NAME ": '%s' is not a command; did you mean '%s'? (see --help)\n",
                      escaped(name).text, near->name);
    else
        (void)fprintf(stderr, CTL_NAME ": '%s' is not a command (see --help)\n",
                      escaped(name).text);
    return NULL;
}

static void help_all(FILE *out)
{
    size_t columns = command_help_columns();

    (void)fputs("Commands:\n", out);
    for (size_t i = 0; commands[i]; i++) {
        char *line = memory_format("  %-11s%s\n", commands[i]->name, commands[i]->purpose);
        fold_print(out, line, columns);
        free(line);
    }
    (void)fputs("What a command takes: " CTL_NAME " COMMAND --help\n", out);
}

static const struct program program = {
    .name = CTL_NAME,
    .purpose = "Looks after the quantum services. It reads the router's configuration.",
    .config_path = "/etc/quantum/router.conf",
    .env_path = CTL_ENV_PATH,
    .check = router_settings_check,
    .usual = OPTION_KEYS("prefix", "redis.url", "redis.password_file", "log.level"),
    .help_commands = help_all,
};

/* `at` is the command's place in argv. Help comes before the configuration is read, which may be
 * what needs help. */
static int serve(struct options *options, const struct router_settings *settings, int at, int argc,
                 char **argv)
{
    const struct ctl_command *command = NULL;
    const char *config;
    bool wants_help = at < argc && command_wants_help(argc - at - 1, argv + at + 1);

    if (wants_help) {
        command = find(argv[at]);
        return command ? command_help(command) : EXIT_USAGE;
    }
    int started = program_start(&program, options, at, argv, &config);
    if (started > 0)
        return program_exit_status(started);
    if (started < 0) {
        command = at < argc ? look_up(argv[at]) : NULL;
        fallback_tell(command, options, settings);
        return command_usage_status(command);
    }
    if (at == argc) {
        (void)fputs(CTL_NAME ": a command is missing (see --help)\n", stderr);
        return EXIT_USAGE;
    }
    command = find(argv[at]);
    return command ? command_run(command, settings, argc - at - 1, argv + at + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct router_settings settings = {0};
    struct options options;

    output_hold_streams();
    (void)signal(SIGPIPE, SIG_IGN);
    libraries_begin();
    options_init(&options, &router_options, &settings);
    int at = program_command_at(&program, &options, argc, argv);
    int status = serve(&options, &settings, at, argc, argv);
    router_settings_release(&settings);
    options_release(&options);
    return status;
}
