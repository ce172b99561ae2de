/* SPDX-License-Identifier: MIT */
/* quantumctl check: whether what is written is understood, and what is configured accepted. */
#include "ctl/check/check.h"

#include <string.h>

#include "common/base/escape.h"

enum { WORD_WHAT };

static const char *const programs[] = {"auto", "router", "executor", NULL};

#define AT(member) offsetof(struct check_values, member)

static const struct option_row rows[] = {
    {.key = "last",
     .type = OPTION_INT,
     .offset = AT(last),
     .min = 1,
     .max = 10000000,
     .fallback = "100",
     .help = "stream: so many of the newest entries"},
    {.key = "program",
     .type = OPTION_CHOICE,
     .offset = AT(program),
     .choices = programs,
     .fallback = "auto",
     .help = "config: whose file it is; auto: whom it suits better"},
    {.key = "json",
     .type = OPTION_BOOL,
     .offset = AT(json),
     .fallback = "false",
     .help = "intents, stream: print a JSON document"},
};

static const struct action {
    const char *name;
    int (*run)(const struct invocation *invocation);
} actions[] = {
    {"intents", check_intents},
    {"stream", check_stream},
    {"config", check_config},
};

static const struct action *action_of(const struct names *words)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(words->list[WORD_WHAT], actions[i].name) == 0)
            return &actions[i];
    return NULL;
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct action *action = action_of(words);

    if (!action) {
        complain(complaints,
                 "'%s' is none of intents, stream, config (see " CTL_NAME " check --help)",
                 escaped(words->list[WORD_WHAT]).text);
        return;
    }
    if (options_is_set(options, "last") && action->run != check_stream)
        complain(complaints, "--last is for check stream");
    if (options_is_set(options, "program") && action->run != check_config)
        complain(complaints, "--program is for check config");
    if (options_is_set(options, "json") && action->run == check_config)
        complain(complaints, "--json is for check intents and check stream");
}

static int run(const struct invocation *invocation)
{
    return action_of(invocation->words)->run(invocation);
}

const struct ctl_command check_command = {
    .name = "check",
    .words = "intents FILE | intents - | stream STREAM | config FILE",
    .words_min = 2,
    .words_max = 2,
    .purpose = "Holds intents against the schema, or reads a configuration file.",
    .details = "intents reads documents, one in each line, or one alone, or a list of them. stream "
               "reads the\nnewest entries; the signal stream is held against the rules of signals. "
               "Every violation is\ntold with its entry, field and rule.\n\n"
               "Exit status: 0 all passed, 1 some did not, or there was nothing to check; for "
               "config 2.\n\n"
               "Examples:\n"
               "  quantumctl check stream quantum:stream:trade.intent --last=1000\n"
               "  my-publisher --dry-run | quantumctl check intents -\n"
               "  quantumctl check config /etc/quantum/router.conf\n",
    .rows = rows,
    .row_count = sizeof rows / sizeof *rows,
    .values_size = sizeof(struct check_values),
    .check = check,
    .run = run,
};
