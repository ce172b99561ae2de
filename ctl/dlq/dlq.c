/* SPDX-License-Identifier: MIT */
/*
 * quantumctl dlq: the dead letters, which an executor or a drain writes of intents that it could
 * not process.
 */
#include "ctl/dlq/dlq.h"

#include <string.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/trade/terms.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/frame/span.h"
#include "executor/settings/executor_settings.h"

enum { WORDS_MAX = 1001, WORD_WHAT = 0 };

#define AT(member) offsetof(struct dlq_values, member)

static const struct option_row rows[] = {
    LIVE_MODE_ROW(AT(mode)),
    {.key = "reason",
     TAKES_TEXT(AT(reason), 200, ""),
     .help = "only dead letters with this reason"},
    {.key = "symbol",
     TAKES_TEXT(AT(symbol), SYMBOL_MAX, ""),
     .help = "only dead letters of this symbol, in any case"},
    {.key = "older-than",
     TAKES_TEXT(AT(older_than), 20, ""),
     .help = "only dead letters that are older: 90s, 15m, 1h or 7d"},
    {.key = "younger-than",
     TAKES_TEXT(AT(younger_than), 20, ""),
     .help = "only dead letters that are younger"},
    {.key = "max",
     TAKES_INT(AT(max), 1, 1000000, "100"),
     .help = "so many dead letters at most, from the oldest on"},
    {.key = "all",
     TAKES_SWITCH(AT(all)),
     .help = "redrive, drop: all of them, up to --max, where neither ids nor filters are given"},
    EXECUTOR_FILE_ROW(AT(executor_config)),
    DOCUMENT_ROW(AT(json)),
};

static const struct action {
    const char *name;
    int (*run)(struct dlq *dlq);
    bool changes;
} actions[] = {
    {"list", dlq_list, false},
    {"show", dlq_show, false},
    {"redrive", dlq_redrive, true},
    {"drop", dlq_drop, true},
};

static const struct action *action_of(const struct names *words)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(words->list[WORD_WHAT], actions[i].name) == 0)
            return &actions[i];
    return NULL;
}

static void check_symbol(const char *text, struct complaints *complaints)
{
    char symbol[SYMBOL_MAX + 1];

    if (*text && !terms_take_symbol(text, strlen(text), symbol))
        complain(complaints, "--symbol has '%s', which is no symbol", escaped(text).text);
}

static void check_ids(const struct names *words, struct complaints *complaints)
{
    struct stream_id id;

    for (size_t i = 1; i < words->count; i++)
        if (!stream_id_read(words->list[i], strlen(words->list[i]), &id))
            complain(complaints, "'%s' is no entry id: MS-SEQUENCE", escaped(words->list[i]).text);
}

static void check_meant(const struct dlq_values *values, const struct action *action,
                        const struct names *words, struct complaints *complaints)
{
    bool has_filters =
        *values->reason || *values->symbol || *values->older_than || *values->younger_than;

    if (action->run == dlq_show && words->count == 1)
        complain(complaints, "dlq show takes ids: " CTL_NAME " dlq show ID...");
    if (action->changes && words->count == 1 && !has_filters && !values->all)
        complain(complaints, "say which: ids, a filter, or --all (see " CTL_NAME " dlq --help)");
    if (values->all && (words->count > 1 || has_filters))
        complain(complaints, "--all goes with neither ids nor filters");
    if (action->run == dlq_list && words->count > 1)
        complain(complaints, "dlq list takes filters and no ids");
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct dlq_values *values = options->values;
    const struct action *action = action_of(words);

    if (!action) {
        complain(complaints,
                 "'%s' is none of list, show, redrive, drop (see " CTL_NAME " dlq --help)",
                 escaped(words->list[WORD_WHAT]).text);
        return;
    }
    if (options_is_set(options, "mode") && !action->changes)
        complain(complaints, "--mode is for redrive and drop");
    if (values->json && action->changes)
        complain(complaints, "--json is for list and show");
    if (*values->older_than)
        span_check("older-than", values->older_than, complaints);
    if (*values->younger_than)
        span_check("younger-than", values->younger_than, complaints);
    check_symbol(values->symbol, complaints);
    check_ids(words, complaints);
    check_meant(values, action, words, complaints);
}

static int64_t span_of(const char *text)
{
    int64_t ms = -1;

    return *text && span_read(text, &ms) ? ms : -1;
}

static const char *executor_file(const void *values)
{
    return ((const struct dlq_values *)values)->executor_config;
}

static int run(const struct invocation *invocation)
{
    const struct dlq_values *values = invocation->values;
    const struct executor_keys *keys = &invocation->executor->keys;
    struct dlq dlq = {.ask = *invocation->ask,
                      .values = values,
                      .words = invocation->words,
                      .dead_letters = keys->dead_letters,
                      .intents = keys->intents,
                      .processed = keys->processed,
                      .older_ms = span_of(values->older_than),
                      .younger_ms = span_of(values->younger_than)};

    (void)terms_take_symbol(values->symbol, strlen(values->symbol), dlq.symbol);
    if (ask_time(&dlq.ask, &dlq.now_ms) < 0)
        return EXIT_FAILED;
    return action_of(dlq.words)->run(&dlq);
}

const struct ctl_command dlq_command = {
    .name = "dlq",
    .words = "list | show ID... | redrive [ID]... | drop [ID]...",
    .words_min = 1,
    .words_max = WORDS_MAX,
    .purpose = "Looks at the dead letters, gives them another try, or drops them.",
    .details =
        "redrive writes the intent to the intent stream again and takes the dead letter away,\n"
        "both at once. It keeps its original time and id (replay_of, original_timestamp), so\n"
        "that all guards judge it as what it is: too old is still too old. With the dead letter\n"
        "goes the mark by which the executor had given this intent up; a decision that was\n"
        "executed stays so.\n\n"
        "Examples:\n"
        "  quantumctl dlq list --reason=symbol\n"
        "  quantumctl dlq list --json | jq '.letters[].intent_id'\n"
        "  quantumctl dlq show 1768824000000-0\n"
        "  quantumctl dlq redrive 1768824000000-0 --mode=live\n"
        "  quantumctl dlq drop --older-than=7d --max=1000\n",
    COMMAND_OPTIONS(rows, struct dlq_values),
    .check = check,
    .executor_file = executor_file,
    .asks = true,
    .run = run,
};
