/* SPDX-License-Identifier: MIT */
#include "ctl/explain/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "ctl/explain/explain_text.h"
#include "ctl/frame/document.h"
#include "ctl/frame/executor_configuration.h"
#include "ctl/why/explanation.h"

enum { WORD = 0, LAST_MAX = 1000 };

struct explain_values {
    bool signal, intent, decision;
    int64_t last;
    char *archive;
    bool json;
    char *executor_config;
};

#define AT(member) offsetof(struct explain_values, member)

static const struct option_row rows[] = {
    {.key = "signal", TAKES_SWITCH(AT(signal)), .help = "the id is a signal's"},
    {.key = "intent", TAKES_SWITCH(AT(intent)), .help = "the id is an intent's"},
    {.key = "decision", TAKES_SWITCH(AT(decision)), .help = "the id is a decision's"},
    {.key = "last",
     TAKES_INT(AT(last), 1, LAST_MAX, "10"),
     .help = "of a symbol or a decision, so many signals, the newest first"},
    {.key = "archive",
     TAKES_TEXT(AT(archive), 0, ""),
     .help = "read the files of this folder, which quantumctl archive keeps, and not Redis"},
    DOCUMENT_ROW(AT(json)),
    EXECUTOR_FILE_ROW(AT(executor_config)),
};

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct explain_values *values = options->values;
    struct stream_id id;

    if (words->count == 0)
        return;
    const char *word = words->list[WORD];
    size_t length = strlen(word);
    bool asks_entry = (values->signal || values->intent) && !values->decision;
    if (length == 0 || length > DECISION_ID_MAX)
        complain(complaints, "'%s' is neither an id nor a symbol", escaped(word).text);
    else if (asks_entry && !stream_id_read(word, length, &id))
        complain(complaints,
                 "'%s' is no id of an entry (MS-SEQUENCE), which --signal and --intent ask for",
                 escaped(word).text);
}

static const char *executor_file(const void *values)
{
    return ((const struct explain_values *)values)->executor_config;
}

static int read_clock(const struct record_place *place, int64_t *ret_ms)
{
    if (place->ask)
        return ask_time(place->ask, ret_ms);
    *ret_ms = wall_ms();
    return 0;
}

/* One that was asked for by its id is told as each that it is. */
static int tell_text(const struct record_place *place, const char *word,
                     const struct explanations *found)
{
    struct stream_id id;
    int64_t now_ms;

    if (read_clock(place, &now_ms) < 0)
        return EXIT_FAILED;
    if (found->count > 1 && !stream_id_read(word, strlen(word), &id)) {
        explain_print_list(found);
        return command_done(&explain_command);
    }
    for (size_t i = 0; i < found->count; i++) {
        if (i > 0)
            (void)puts("");
        explain_print(&found->list[i], now_ms);
    }
    return command_done(&explain_command);
}

static int explain(const struct invocation *invocation, const struct record_place *place,
                   const struct explanation_keys *keys)
{
    const struct explain_values *values = invocation->values;
    const struct explanation_question question = {
        .word = invocation->words->list[WORD],
        .signal = values->signal,
        .intent = values->intent,
        .decision = values->decision,
        .most = (size_t)values->last,
        .settings = invocation->settings,
    };
    struct explanations found;
    int status = EXIT_FAILED;

    int result = explanations_find(place, keys, &question, &found);
    if (result > 0)
        (void)command_fail(&explain_command, "%s", found.not_found);
    else if (result == 0 && values->json)
        status = document_print(&explain_command, explanations_json(&found));
    else if (result == 0)
        status = tell_text(place, question.word, &found);
    explanations_release(&found);
    return status;
}

static int explain_redis(const struct invocation *invocation, const struct explanation_keys *keys)
{
    struct client *client = command_connect(&explain_command, invocation->settings);
    const struct ask ask = {&explain_command, client};
    const struct record_place place = {.command = &explain_command, .ask = &ask};
    int status = client ? explain(invocation, &place, keys) : EXIT_FAILED;

    client_free(client);
    return status;
}

static int run(const struct invocation *invocation)
{
    const struct explain_values *values = invocation->values;
    const struct record_place folder = {.command = &explain_command, .folder = values->archive};
    const struct explanation_keys keys =
        explanation_keys_of(invocation->settings, invocation->executor);

    return *values->archive ? explain(invocation, &folder, &keys)
                            : explain_redis(invocation, &keys);
}

const struct ctl_command explain_command = {
    .name = "explain",
    .words = "ID|SYMBOL",
    .words_min = 1,
    .words_max = 1,
    .purpose = "Says why a signal was chosen or not, and what would have passed it.",
    .details =
        "ID is a signal's, an intent's or a decision's; one that is several is told as each, and\n"
        "the flags choose. SYMBOL tells its last signals. What would have passed it is found by\n"
        "deciding its window again with that one change: the least confidence, and each option\n"
        "alone. A signal that was dropped when it was read has no record; it is judged again from\n"
        "its entry, by the settings of that time, and is told as derived. --archive asks the "
        "files\n"
        "that quantumctl archive keeps, and no Redis: of records that were trimmed, too.\n\n"
        "Examples:\n"
        "  quantumctl explain 1768824000000-0\n"
        "  quantumctl explain SOLUSDT --last=3\n"
        "  quantumctl explain 1768824000000-0 --archive=/var/lib/quantum/archive\n"
        "  quantumctl explain 1768824000000-0 --json | jq .would_pass\n",
    COMMAND_OPTIONS(rows, struct explain_values),
    .check = check,
    .executor_file = executor_file,
    .run = run,
};
