/* SPDX-License-Identifier: MIT */
/*
 * quantumctl check signals: what the router would do with each, if it came to it now as the payload
 * of an entry. Whether it publishes one that it takes is a window's decision.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "ctl/check/check.h"
#include "ctl/check/input.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/why/outlook.h"

struct trial {
    const struct check_values *values;
    struct outlook_rules rules;
    struct entry entry; /* what is looked at, as it would stand in the stream */
    struct inner_ids *ids;
    size_t checked;
    size_t broken;
    json_t *decisions;  /* where each id was first */
    json_t *violations; /* as of check intents */
    json_t *signals;
};

static void open_trial(struct trial *trial, const struct invocation *invocation)
{
    *trial = (struct trial){
        .values = invocation->values,
        .ids = memory_new(sizeof(struct inner_ids)),
        .decisions = json_object(),
        .violations = json_array(),
        .signals = json_array(),
    };
    trial->rules = outlook_rules(invocation->settings, trial->values->form);
    trial->entry.id.ms = (uint64_t)wall_ms();
    trial->entry.count = 1;
}

static void close_trial(struct trial *trial)
{
    free(trial->ids);
    json_decref(trial->decisions);
    json_decref(trial->violations);
    json_decref(trial->signals);
}

/* One decision is published once, however many signals name it. */
static void note_decision(struct trial *trial, const char *place, struct outlook *outlook)
{
    const char *id = json_string_value(json_object_get(outlook->document, "decision_id"));

    if (!id)
        return;
    const char *first = json_string_value(json_object_get(trial->decisions, id));
    if (!first) {
        (void)json_object_set_new(trial->decisions, id, json_string(place));
        return;
    }
    char *note = memory_format("its decision is that of %s: one of them is published", first);
    (void)json_array_append_new(outlook->notes, json_string(note));
    free(note);
}

static void print_outlook(const char *place, const struct outlook *outlook)
{
    const json_t *note;
    size_t i;

    (void)printf("%s: %s", place, outlook->words);
    json_array_foreach(outlook->notes, i, note)
    {
        (void)printf("; %s", json_string_value(note));
    }
    (void)printf("\n");
}

static void keep_outlook(struct trial *trial, const char *place, const struct outlook *outlook)
{
    document_put(outlook->document, "entry", json_string(place));
    document_put(outlook->document, "words", json_string(outlook->words));
    (void)json_array_append(trial->signals, outlook->document);
    if (outlook->is_good)
        return;
    (void)json_array_append_new(trial->violations,
                                json_pack("{s:s, s:s, s:s}", "entry", place, "field",
                                          outlook->field, "rule", outlook->words));
}

static void take(void *owner, const char *place, const char *text, size_t length)
{
    struct trial *trial = owner;

    trial->entry.id.sequence++;
    trial->entry.fields[0] = (struct entry_field){"payload", strlen("payload"), text, length};
    struct outlook outlook =
        outlook_of(&trial->rules, &trial->entry, trial->ids, (int64_t)trial->entry.id.ms);
    note_decision(trial, place, &outlook);
    if (trial->values->json)
        keep_outlook(trial, place, &outlook);
    else
        print_outlook(place, &outlook);
    trial->checked++;
    trial->broken += !outlook.is_good;
    outlook_release(&outlook);
}

static int print_document(const struct trial *trial, const struct ctl_command *command)
{
    json_t *document = document_new();

    document_put(document, "checked", json_integer((json_int_t)trial->checked));
    document_put(document, "broken", json_integer((json_int_t)trial->broken));
    document_put(document, "violations", json_incref(trial->violations));
    document_put(document, "signals", json_incref(trial->signals));
    return document_print(command, document);
}

static int print_sum(const struct trial *trial, const struct ctl_command *command)
{
    const char *would = trial->values->form ? "understand" : "take";

    (void)printf("%s checked: the router would %s %zu\n",
                 counted((long long)trial->checked, "signal", "signals").text, would,
                 trial->checked - trial->broken);
    return command_done(command);
}

static int conclude(const struct trial *trial, const struct ctl_command *command)
{
    int status = trial->values->json ? print_document(trial, command) : print_sum(trial, command);

    if (status != EXIT_DONE)
        return status;
    if (trial->checked == 0)
        return command_fail(command, "there was nothing to check, which proves nothing");
    if (trial->broken > 0)
        return command_fail(command, "the router would drop %zu of %zu", trial->broken,
                            trial->checked);
    return EXIT_DONE;
}

int check_signals(const struct invocation *invocation)
{
    size_t length;
    char *text = input_read(invocation->command, invocation->words->list[1], &length);
    struct trial trial;

    if (!text)
        return EXIT_FAILED;
    open_trial(&trial, invocation);
    input_split(text, length, take, &trial);
    int status = conclude(&trial, invocation->command);
    close_trial(&trial);
    free(text);
    return status;
}
