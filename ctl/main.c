/* SPDX-License-Identifier: MIT */
/*
 * quantumctl: the operator's tool. What is in front of the command is the program's, the rest the
 * command's own.
 */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/program.h"
#include "ctl/command.h"
#include "ctl/undone.h"

static const struct program program = {
    .name = CTL_NAME,
    .purpose = "Looks after the quantum services. It reads the router's configuration.",
    .config_path = "/etc/quantum/router.conf",
    .env_path = CTL_ENV_PATH,
    .check = router_settings_check,
    .help_commands = command_help_all,
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
        command = command_find(argv[at]);
        return command ? command_help(command) : EXIT_USAGE;
    }
    int started = program_start(&program, options, at, argv, &config);
    if (started > 0)
        return program_exit_status(started);
    if (started < 0) {
        undone_tell(at < argc ? argv[at] : "", options, settings);
        return command_usage_status(at < argc ? argv[at] : "");
    }
    if (at == argc) {
        (void)fputs(CTL_NAME ": a command is missing (see --help)\n", stderr);
        return EXIT_USAGE;
    }
    command = command_find(argv[at]);
    return command ? command_run(command, settings, argc - at - 1, argv + at + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct router_settings settings = {0};
    struct options options;

    (void)signal(SIGPIPE, SIG_IGN);
    json_set_alloc_funcs(memory_raw, free);
    json_object_seed(0);
    options_init(&options, &router_options, &settings);
    int at = program_command_at(&program, &options, argc, argv);
    int status = serve(&options, &settings, at, argc, argv);
    router_settings_release(&settings);
    options_release(&options);
    return status;
}
