/* SPDX-License-Identifier: MIT */
/*
 * quantumctl groups: shows the groups of all streams and their consumers, prunes and moves them.
 */
#include "ctl/groups/groups.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "ctl/frame/document.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/look/key_scan.h"
#include "ctl/look/stream_look.h"

/* --- list, as a table */

static void add_consumers(struct sheet *sheet, const struct group_look *group)
{
    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct consumer_look *consumer = &group->consumers[i];
        sheet_add_format(sheet, "    %s", consumer->shown);
        sheet_add(sheet, "");
        sheet_add_count(sheet, consumer->pending);
        sheet_add_span(sheet, consumer->idle_ms);
        sheet_add(sheet, "");
        sheet_color(sheet, COLOR_DIM);
    }
}

static void add_stream(struct sheet *sheet, const struct stream_look *look)
{
    char id[STREAM_ID_TEXT_MAX];

    sheet_add(sheet, escaped(look->name).text);
    sheet_add(sheet, "");
    sheet_add(sheet, "");
    sheet_add(sheet, "");
    stream_id_print(look->last, id);
    sheet_add(sheet, id);
    for (size_t i = 0; i < look->group_count; i++) {
        const struct group_look *group = &look->groups[i];
        sheet_add_format(sheet, "  %s", group->shown);
        sheet_add_count(sheet, group->lag);
        sheet_add_count(sheet, group->pending);
        sheet_add(sheet, "");
        stream_id_print(group->last_delivered, id);
        sheet_add(sheet, id);
        add_consumers(sheet, group);
    }
}

/* --- list, as a document */

static json_t *consumers_json(const struct group_look *group)
{
    json_t *consumers = json_object();

    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct consumer_look *consumer = &group->consumers[i];
        document_put(consumers, consumer->shown,
                     json_pack("{s:I, s:I}", "pending", (json_int_t)consumer->pending, "idle_ms",
                               (json_int_t)consumer->idle_ms));
    }
    return consumers;
}

static json_t *groups_json(const struct stream_look *look, int64_t now_ms)
{
    json_t *list = json_object();

    for (size_t i = 0; i < look->group_count; i++) {
        const struct group_look *group = &look->groups[i];
        json_t *one = stream_json_group(group, now_ms);
        document_put(one, "last_delivered_id", document_id(group->last_delivered));
        document_put(one, "by_consumer", consumers_json(group));
        document_put(list, group->shown, one);
    }
    return list;
}

static void add_to_document(json_t *streams, const struct stream_look *look, int64_t now_ms)
{
    json_t *stream = stream_json(look, now_ms);

    document_put(stream, "last_id", document_id(look->last));
    document_put(stream, "groups", groups_json(look, now_ms));
    document_put(streams, escaped(look->name).text, stream);
}

/* Either into the table or, where there is one, into the document. */
static int list_all(const struct groups *groups, const struct names *names, struct sheet *sheet,
                    json_t *streams)
{
    struct stream_look look;
    int64_t now_ms;

    if (streams && ask_time(&groups->ask, &now_ms) < 0)
        return -1;
    for (size_t i = 0; i < names->count; i++) {
        if (stream_look_require(&groups->ask, names->list[i], true, &look) < 0)
            return -1;
        if (streams)
            add_to_document(streams, &look, now_ms);
        else
            add_stream(sheet, &look);
        stream_look_release(&look);
    }
    return 0;
}

static int list(const struct groups *groups, const struct names *names)
{
    static const char *const titles[] = {
        "<stream, group, consumer", "lag", "pending", "idle", "last id", NULL};
    const struct terminal terminal = terminal_look();
    json_t *document = groups->values->json ? document_new() : NULL;
    int status = EXIT_FAILED;
    struct sheet sheet;

    sheet_init(&sheet, titles);
    if (document)
        document_put(document, "streams", json_object());
    if (list_all(groups, names, &sheet, json_object_get(document, "streams")) == 0) {
        if (!document)
            sheet_print(&sheet, stdout, &terminal);
        status = document ? document_print(groups->ask.command, json_incref(document))
                          : command_done(groups->ask.command);
    }
    json_decref(document);
    sheet_deinit(&sheet);
    return status;
}

/* quantumctl groups names: for scripts and completion. */
static int print_names(const struct groups *groups, const struct names *names)
{
    struct stream_look look;

    for (size_t i = 0; i < names->count; i++) {
        if (stream_look_require(&groups->ask, names->list[i], false, &look) < 0)
            return EXIT_FAILED;
        (void)puts(escaped(look.name).text);
        for (size_t j = 0; j < look.group_count; j++)
            (void)printf("%s\t%s\n", escaped(look.name).text, look.groups[j].shown);
        stream_look_release(&look);
    }
    return command_done(groups->ask.command);
}

enum { WORD_STREAM = 1, WORDS_MAX = 4 };

enum { STREAMS_MAX = 1000 };

/* What can be done, and which words follow it. */
static const struct action {
    const char *name;
    size_t words_min, words_max;
    const char *words;
} actions[] = {
    {"list", 0, 1, "[STREAM]"},     {"prune", 0, 3, "[STREAM [GROUP [CONSUMER]]]"},
    {"skip", 2, 2, "STREAM GROUP"}, {"rewind", 2, 2, "STREAM GROUP --to=ID"},
    {"names", 0, 1, "[STREAM]"},
};

enum { LIST, PRUNE, SKIP, REWIND, NAMES, ACTIONS };

#define AT(member) offsetof(struct groups_values, member)

static const struct option_row rows[] = {
    LIVE_MODE_ROW(AT(mode)),
    {.key = "idle",
     TAKES_TEXT(AT(idle), 20, "24h"),
     .help = "prune: a consumer that was not seen for so long is dead"},
    {.key = "to",
     TAKES_TEXT(AT(to), 64, ""),
     .help = "rewind: the first entry to be read again, by its id or its time"},
    DOCUMENT_ROW(AT(json)),
};

static size_t action_of(const struct names *words)
{
    size_t action = 0;

    while (words->count > 0 && action < ACTIONS &&
           strcmp(words->list[0], actions[action].name) != 0)
        action++;
    return action;
}

static void check_rewind(const struct groups_values *values, struct complaints *complaints)
{
    struct stream_id behind;

    if (!*values->to)
        complain(complaints, "rewind needs --to=ID or --to=TIME");
    else if (!groups_move_read(values->to, &behind))
        complain(complaints,
                 "--to=%s is neither an id (MS-SEQUENCE), nor milliseconds, nor a time "
                 "(2026-01-19T12:00:03Z)",
                 escaped(values->to).text);
}

static void check(const struct options *options, const struct names *words,
                  struct complaints *complaints)
{
    const struct groups_values *values = options->values;
    size_t action = action_of(words), further = words->count > 0 ? words->count - 1 : 0;

    if (action == ACTIONS) {
        complain(complaints,
                 "'%s' is none of list, prune, skip, rewind, names (see " CTL_NAME
                 " groups --help)",
                 escaped(words->list[0]).text);
        return;
    }
    if (further < actions[action].words_min || further > actions[action].words_max)
        complain(complaints, "groups %s takes %s (see " CTL_NAME " groups --help)",
                 actions[action].name, actions[action].words);
    if (options_is_set(options, "idle") && action != PRUNE)
        complain(complaints, "--idle is for prune");
    if (options_is_set(options, "to") && action != REWIND)
        complain(complaints, "--to is for rewind");
    if (options_is_set(options, "mode") && (action == LIST || action == NAMES))
        complain(complaints, "--mode is for what changes something, and %s does not",
                 actions[action].name);
    if (values->json && action == NAMES)
        complain(complaints, "--json is not for names: groups list --json has them");
    span_check("idle", values->idle, complaints);
    if (action == REWIND)
        check_rewind(values, complaints);
}

/* --- the command */

/* The stream that was named, or all with the prefix. */
static int on_streams(const struct groups *groups,
                      int (*act)(const struct groups *groups, const struct names *streams))
{
    size_t count;
    struct names streams;

    if (groups->words->count > 1) {
        struct names one = {&groups->words->list[1], 1};
        return act(groups, &one);
    }
    if (key_scan_place(&groups->ask, groups->settings->keys.signals) < 0 ||
        key_scan_place(&groups->ask, groups->settings->keys.intents) < 0)
        return EXIT_FAILED;
    if (key_scan(&groups->ask, groups->settings->keys.prefix, "stream", STREAMS_MAX, &count,
                 &streams) < 0)
        return EXIT_FAILED;
    int status = act(groups, &streams);
    names_free(&streams);
    return status;
}

static int act(const struct groups *groups)
{
    switch (action_of(groups->words)) {
    case PRUNE:
        return on_streams(groups, groups_prune);
    case SKIP:
        return groups_move(groups, true);
    case REWIND:
        return groups_move(groups, false);
    case NAMES:
        return on_streams(groups, print_names);
    default:
        return on_streams(groups, list);
    }
}

/* With the whole name of the stream in place of the one that was given. */
static int act_on_named(struct groups *groups, const struct invocation *invocation)
{
    char *list[WORDS_MAX] = {0};
    struct names words = {list, invocation->words->count};

    for (size_t i = 0; i < words.count; i++)
        list[i] = invocation->words->list[i];
    list[WORD_STREAM] = stream_name_find(&groups->ask, groups->settings->keys.prefix,
                                         invocation->words->list[WORD_STREAM]);
    groups->words = &words;
    int status = list[WORD_STREAM] ? act(groups) : EXIT_FAILED;
    free(list[WORD_STREAM]);
    return status;
}

static int run(const struct invocation *invocation)
{
    struct groups groups = {.ask = *invocation->ask,
                            .settings = invocation->settings,
                            .values = invocation->values,
                            .words = invocation->words};

    return groups.words->count > WORD_STREAM ? act_on_named(&groups, invocation) : act(&groups);
}

const struct ctl_command groups_command = {
    .name = "groups",
    .words = "[list|prune|skip|rewind|names] [STREAM [GROUP [CONSUMER]]]",
    .words_max = WORDS_MAX,
    .purpose = "Shows groups and their consumers, removes dead ones, moves a group.",
    .details =
        "prune removes consumers that are dead and have nothing pending; what is pending would be\n"
        "lost with its consumer, so that one stays. skip moves a group to the stream's end; "
        "rewind\n"
        "moves it back, so that entries are read again, and refuses while a consumer of the group\n"
        "was seen in the last 30 s. What is pending stays pending in both. names prints each "
        "stream\n"
        "in a line of its own, and each of its groups behind the stream and a tab.\n\n"
        "Examples:\n"
        "  quantumctl groups\n"
        "  quantumctl groups --json | jq '.streams[].groups | map_values(.lag)'\n"
        "  quantumctl groups prune --idle=24h\n"
        "  quantumctl groups prune --idle=24h --mode=live\n"
        "  quantumctl groups skip quantum:stream:trade.intent \\\n"
        "        quantum:group:execution:trade.intent\n"
        "  quantumctl groups rewind quantum:stream:ai.decision.made router \\\n"
        "        --to=2026-01-19T12:00:00Z\n",
    COMMAND_OPTIONS(rows, struct groups_values),
    .check = check,
    .asks = true,
    .run = run,
};
