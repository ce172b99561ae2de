/* SPDX-License-Identifier: MIT */
/* quantumctl send: one signal, sound or not. */
#include "ctl/control/send.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/wall.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/document.h"
#include "ctl/why/outlook.h"
#include "ctl/write/draft.h"

enum { WORD_SYMBOL, WORD_SIDE, WORD_CONFIDENCE, WORDS_REQUIRED };

/* More than the router takes, so that it can be shown what it refuses. */
enum { WORDS_MAX = 1000 };

struct send_values {
    int form; /* enum draft_form */
    char *id;
    bool json;
};

#define AT(member) offsetof(struct send_values, member)

static const struct option_row rows[] = {
    {.key = "form",
     TAKES_CHOICE(AT(form), draft_form_names, "payload"),
     .help = "a JSON object in payload or in data, or flat fields"},
    {.key = "id",
     TAKES_TEXT(AT(id), STREAM_ID_TEXT_MAX, "*"),
     .help = "id of the entry: MS-SEQUENCE, MS-*, MS or *"},
    DOCUMENT_ROW(AT(json)),
};

static bool is_id(const char *text)
{
    struct stream_id id;
    size_t length = strlen(text);

    if (strcmp(text, "*") == 0 || stream_id_read(text, length, &id))
        return true;
    if (length >= 2 && strcmp(text + length - 2, "-*") == 0)
        length -= 2;
    char *whole = memory_format("%.*s-0", (int)length, text);
    bool is_read = stream_id_read(whole, strlen(whole), &id);
    free(whole);
    return is_read;
}

static bool is_named_before(const struct names *words, size_t index)
{
    const char *word = words->list[index];
    size_t length = strcspn(word, "=") + 1;

    for (size_t i = WORDS_REQUIRED; i < index; i++)
        if (strncmp(words->list[i], word, length) == 0)
            return true;
    return false;
}

static const char *wrong_with_pair(const struct names *words, size_t index)
{
    static const char *const taken[] = {"symbol=", "side=", "confidence="};
    const char *word = words->list[index];

    if (!strchr(word, '='))
        return "is not NAME=VALUE";
    if (*word == '=')
        return "has no name in front of '='";
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strncmp(word, taken[i], strlen(taken[i])) == 0)
            return "was given already, as one of the first three words";
    return is_named_before(words, index) ? "names what was given before" : NULL;
}

/* JSON is UTF-8 or it is nothing; flat fields take any bytes. */
static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct send_values *values = options->values;
    bool is_json = values->form != FORM_FLAT;

    if (!is_id(values->id))
        complain(complaints, "--id=%s is no entry id: MS-SEQUENCE, MS-*, MS or *",
                 escaped(values->id).text);
    for (size_t i = 0; i < words->count; i++) {
        const char *wrong = i < WORDS_REQUIRED ? NULL : wrong_with_pair(words, i);
        if (!wrong && is_json && !utf8_valid(words->list[i], strlen(words->list[i])))
            wrong = "is not UTF-8, which only --form=flat takes";
        if (wrong)
            complain(complaints, "'%s' %s (see " CTL_NAME " send --help)",
                     escaped(words->list[i]).text, wrong);
    }
}

/* What the AI engine writes beside each decision. */
static void add_usual(struct draft *draft, const char *iso)
{
    if (!draft_has(draft, "event_type"))
        draft_add_text(draft, "event_type", "ai.decision.made");
    if (!draft_has(draft, "timestamp"))
        draft_add_text(draft, "timestamp", iso);
    if (!draft_has(draft, "source"))
        draft_add_text(draft, "source", "ai-engine");
}

/* `names` keeps the names alive, cut off the words. */
static void fill(struct draft *draft, const struct names *words, struct names *names)
{
    char *const *list = words->list;

    draft_add_text(draft, "symbol", list[WORD_SYMBOL]);
    draft_add_text(draft, "side", list[WORD_SIDE]);
    draft_add(draft, "confidence", list[WORD_CONFIDENCE]);
    names->list = memory_array(words->count, sizeof *names->list);
    for (size_t i = WORDS_REQUIRED; i < words->count; i++) {
        size_t length = strcspn(list[i], "=");
        char *name = memory_bytes(list[i], length);
        names->list[names->count++] = name;
        draft_add(draft, name, list[i] + length + 1);
    }
}

/* The signal as it was typed: `names` and `iso` are what the draft borrows. */
struct typed {
    struct draft draft;
    struct names names;
    char iso[CALENDAR_ISO_MAX];
};

static void typed_write(struct typed *typed, const struct names *words)
{
    *typed = (struct typed){0};
    calendar_iso(wall_ms(), typed->iso);
    fill(&typed->draft, words, &typed->names);
    add_usual(&typed->draft, typed->iso);
}

static void typed_free(struct typed *typed)
{
    draft_free(&typed->draft);
    for (size_t i = 0; i < typed->names.count; i++)
        free(typed->names.list[i]);
    free(typed->names.list);
}

/* --- what will become of it */

/* The entry as it went out. */
struct sent {
    struct entry entry;
    char *values[ENTRY_FIELDS_MAX];
};

static void add_field(void *data, const char *name, const char *bytes, size_t length)
{
    struct sent *sent = data;
    size_t at = sent->entry.count++;

    if (at >= ENTRY_FIELDS_MAX)
        return;
    sent->values[at] = memory_bytes(bytes, length);
    sent->entry.fields[at] = (struct entry_field){name, strlen(name), sent->values[at], length};
}

static void free_values(struct sent *sent)
{
    for (size_t i = 0; i < ENTRY_FIELDS_MAX; i++)
        free(sent->values[i]);
}

/* As `check signals` has it, of an entry that is in the stream. */
static int print_outlook(const struct outlook *outlook, struct stream_id id)
{
    json_t *document = document_new();

    document_put(document, "signal_id", document_id(id));
    document_put(document, "words", json_string(outlook->words));
    (void)json_object_update_missing(document, outlook->document);
    return document_print(&send_command, document);
}

static int print_id(struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];

    stream_id_print(id, text);
    (void)puts(text);
    return command_done(&send_command);
}

/* A slip of the finger would be found in the router's log alone. The exit status is that of
 * sending. */
static int tell(const struct invocation *invocation, const struct typed *typed, struct stream_id id)
{
    const struct send_values *values = invocation->values;
    const struct outlook_rules rules = outlook_rules(invocation->settings, false);
    struct sent sent = {.entry.id = id};

    draft_write(&typed->draft, (enum draft_form)values->form, add_field, &sent);
    struct outlook outlook = outlook_of(&rules, &sent.entry, NULL, wall_ms());
    int status = values->json ? print_outlook(&outlook, id) : print_id(id);
    if (!outlook.is_good && !values->json)
        (void)command_fail(&send_command, "it is sent, but %s", outlook.words);
    outlook_release(&outlook);
    free_values(&sent);
    return status;
}

/* --- the command */

static int add(const struct invocation *invocation, const struct typed *typed,
               struct stream_id *ret_id)
{
    const struct send_values *values = invocation->values;
    const char *stream = invocation->settings->keys.signals;
    struct client *client = invocation->ask->client;
    struct command command = {0};
    redisReply *reply;

    command_add_all(&command, "XADD", stream, values->id, NULL);
    draft_add_to(&typed->draft, (enum draft_form)values->form, &command);
    if (client_ask(client, &command, &reply) < 0)
        return command_fail(&send_command, "%s; whether the signal was added is not known",
                            client_error(client));
    bool is_added = reply_read_stream_id(reply, ret_id);
    if (!is_added)
        (void)command_fail(&send_command, "Redis did not add to %s: %s", stream,
                           reply_complaint(reply));
    freeReplyObject(reply);
    return is_added ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct invocation *invocation)
{
    struct typed typed;
    struct stream_id id;

    typed_write(&typed, invocation->words);
    int status = add(invocation, &typed, &id);
    if (status == EXIT_DONE)
        status = tell(invocation, &typed, id);
    typed_free(&typed);
    return status;
}

const struct ctl_command send_command = {
    .name = "send",
    .words = "SYMBOL SIDE CONFIDENCE [NAME=VALUE]...",
    .words_min = WORDS_REQUIRED,
    .words_max = WORDS_MAX,
    .purpose = "Adds one signal to the signal stream and prints the id of its entry.",
    .details =
        "Values that read as numbers become numbers, true and false booleans, all others strings.\n"
        "event_type, timestamp, source, trace_id and correlation_id go beside the document. A "
        "signal\nthat the router would drop is sent all the same, and told on stderr, or with "
        "--json "
        "in its fate. Behind\n-- no word is an option."
        "\n\nExamples:\n"
        "  quantumctl send BTCUSDT BUY 0.91\n"
        "  quantumctl send ETHUSDT SELL 0.82 position_size_usd=250 rl_gate_pass=true\n"
        "  quantumctl send --json BTCUSDT BUY 0.91 | jq -r .fate\n"
        "  quantumctl send --form=flat SOLUSDT LONG 0.95 correlation_id=decision-17\n"
        "  quantumctl --redis.url=unix:///run/redis.sock send BTCUSDT BUY nonsense\n",
    COMMAND_OPTIONS(rows, struct send_values),
    .check = check,
    .asks = true,
    .run = run,
};
