/* SPDX-License-Identifier: MIT */
/* quantumctl check: whether what is written is understood, and what is configured accepted. */
#include "ctl/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/options/options_file.h"
#include "common/options/program.h"
#include "common/redis/settings.h"
#include "executor/settings/executor_settings.h"

/*
 * quantumctl check config: a file as a service would read it, and nothing but the file: neither
 * the environment nor flags. Unless it is said whose it is, it is that one's whom it suits better.
 */

struct reading {
    const char *program;
    struct complaints complaints;
    struct complaints warnings;
};

static void try_router(const char *path, struct reading *reading)
{
    struct router_settings settings = {0};
    struct options options;

    reading->program = "quantum-router";
    options_init(&options, &router_options, &settings);
    options_read_file(&options, path, &reading->complaints);
    router_settings_check(&options, &reading->complaints);
    if (reading->complaints.count == 0)
        router_settings_warn(&settings, &reading->warnings);
    if (reading->complaints.count == 0)
        redis_exposed_warn(&options, &reading->warnings);
    router_settings_release(&settings);
    options_release(&options);
}

static void try_executor(const char *path, struct reading *reading)
{
    struct executor_settings settings = {0};
    struct options options;

    reading->program = "quantum-executor";
    options_init(&options, &executor_options, &settings);
    options_read_file(&options, path, &reading->complaints);
    executor_settings_check(&options, &reading->complaints);
    if (reading->complaints.count == 0)
        executor_settings_warn(&settings, &reading->warnings);
    if (reading->complaints.count == 0)
        redis_exposed_warn(&options, &reading->warnings);
    executor_settings_release(&settings);
    options_release(&options);
}

static int tell(const struct ctl_command *command, const struct reading *reading, const char *path)
{
    if (reading->complaints.count > 0) {
        complaints_print(&reading->complaints, CTL_NAME " check");
        return EXIT_USAGE;
    }
    complaints_print(&reading->warnings, CTL_NAME " check: warning");
    (void)printf("%s is sound for %s\n", escaped(path).text, reading->program);
    return command_done(command);
}

static int check_config(const struct invocation *invocation)
{
    const struct check_values *values = invocation->values;
    const char *path = invocation->words->list[1];
    struct reading readings[2] = {{0}, {0}};

    try_router(path, &readings[0]);
    try_executor(path, &readings[1]);
    bool is_executors = values->program == 0
                            ? readings[1].complaints.count < readings[0].complaints.count
                            : values->program == 2;
    int status = tell(invocation->command, &readings[is_executors], path);
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        complaints_free(&readings[i].complaints);
        complaints_free(&readings[i].warnings);
    }
    return status;
}

enum { WORD_WHAT };

static const char *const programs[] = {"auto", "router", "executor", NULL};

#define AT(member) offsetof(struct check_values, member)

static const struct option_row rows[] = {
    {.key = "last",
     TAKES_INT(AT(last), 1, 10000000, "100"),
     .help = "stream: so many of the newest entries"},
    {.key = "program",
     TAKES_CHOICE(AT(program), programs, "auto"),
     .help = "config: whose file it is; auto: whom it suits better"},
    {.key = "form",
     TAKES_SWITCH(AT(form)),
     .help = "signals: the form alone, whatever the age, the confidence and window.symbols"},
    {.key = "json", TAKES_SWITCH(AT(json)), .help = "all but config: print a JSON document"},
};

static const struct ctl_action actions[] = {
    {"signals", false, check_signals},
    {"intents", false, check_intents},
    {"stream", true, check_stream},
    {"config", false, check_config},
    {0},
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct ctl_action *action = command_action(&check_command, words);

    if (!action) {
        complain(complaints,
                 "'%s' is none of signals, intents, stream, config (see " CTL_NAME " check --help)",
                 escaped(words->list[WORD_WHAT]).text);
        return;
    }
    if (options_is_set(options, "last") && action->run != check_stream)
        complain(complaints, "--last is for check stream");
    if (options_is_set(options, "program") && action->run != check_config)
        complain(complaints, "--program is for check config");
    if (options_is_set(options, "form") && action->run != check_signals)
        complain(complaints, "--form is for check signals");
    if (options_is_set(options, "json") && action->run == check_config)
        complain(complaints, "--json is for check signals, check intents and check stream");
}

const struct ctl_command check_command = {
    .name = "check",
    .words = "signals FILE|- | intents FILE|- | stream STREAM | config FILE",
    .words_min = 2,
    .words_max = 2,
    .purpose = "Says what would be taken of signals, intents or a configuration, and why not.",
    .details = "signals says of each what the router would do if it came now, as the payload of\n"
               "an entry: take it, or drop it and why. intents holds each against the schema, and\n"
               "says what the executor would make of it. Both read documents, one in each line,\n"
               "or one alone, or a list of them. stream reads the newest entries; the signal\n"
               "stream is held against the rules of signals.\n\n"
               "Exit status: 0 all passed, 1 some did not, or there was nothing to check; for\n"
               "config 2.\n\n"
               "Examples:\n"
               "  my-engine --dry-run | quantumctl check signals -\n"
               "  my-publisher --dry-run | quantumctl check intents -\n"
               "  quantumctl check stream quantum:stream:trade.intent --last=1000\n"
               "  quantumctl check config /etc/quantum/router.conf\n",
    COMMAND_OPTIONS(rows, struct check_values),
    .check = check,
    .actions = actions,
};
