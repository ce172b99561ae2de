/* SPDX-License-Identifier: MIT */
/* quantumctl groups prune: one table of what is removed and what is kept, and why. */
#include <string.h>

#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/groups/groups.h"

enum { WORD_GROUP = 2, WORD_CONSUMER = 3 };

struct prune {
    const struct groups *groups;
    struct script script;
    int64_t idle_ms;
    struct sheet sheet;
    json_t *consumers; /* the same, for a document */
    size_t removed;    /* or would be */
    size_t pending;    /* kept for what they have pending */
    bool was_refused;  /* the consumer that was named is kept */
};

static const char *word(const struct prune *prune, size_t index)
{
    const struct names *words = prune->groups->words;

    return words->count > index ? words->list[index] : NULL;
}

/* What the script would say. */
static const char *foresee(const struct prune *prune, const struct consumer_look *consumer)
{
    if (consumer->idle_ms < prune->idle_ms)
        return "active";
    return consumer->pending > 0 ? "pending" : "removed";
}

static int remove_one(const struct prune *prune, const char *stream, const char *group,
                      const struct consumer_look *consumer, char *ret_answer, size_t room)
{
    struct command question;
    redisReply *reply;

    script_command(&prune->script, 1, &question);
    command_add_all(&question, stream, group, consumer->name, NULL);
    command_add_int(&question, prune->idle_ms);
    if (ask_for(&prune->groups->ask, consumer->shown, &question, &reply) < 0)
        return -1;
    if (!reply_copy_text(reply, ret_answer, room))
        ret_answer[0] = '\0';
    freeReplyObject(reply);
    return 0;
}

static const char *words_for(const char *answer, bool is_live)
{
    if (strcmp(answer, "removed") == 0)
        return is_live ? "removed" : "would be removed";
    if (strcmp(answer, "pending") == 0)
        return "kept: what it has pending would be lost";
    return strcmp(answer, "active") == 0 ? "kept: it is alive" : "it is gone already";
}

static void add_row(struct prune *prune, const struct group_look *group,
                    const struct consumer_look *consumer, const char *answer)
{
    bool is_removed = strcmp(answer, "removed") == 0;

    sheet_add_format(&prune->sheet, "%s %s", group->shown, consumer->shown);
    sheet_add_count(&prune->sheet, consumer->pending);
    sheet_add_span(&prune->sheet, consumer->idle_ms);
    sheet_add(&prune->sheet, words_for(answer, prune->groups->values->mode == MODE_LIVE));
    sheet_color(&prune->sheet, is_removed ? COLOR_YELLOW : COLOR_NONE);
}

static void add_to_document(struct prune *prune, const struct stream_look *look,
                            const struct group_look *group, const struct consumer_look *consumer,
                            const char *answer)
{
    (void)json_array_append_new(
        prune->consumers, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "stream",
                                    escaped(look->name).text, "group", group->shown, "consumer",
                                    consumer->shown, "pending", (json_int_t)consumer->pending,
                                    "idle_ms", (json_int_t)consumer->idle_ms, "outcome", answer));
}

static void tell(struct prune *prune, const struct stream_look *look,
                 const struct group_look *group, const struct consumer_look *consumer,
                 const char *answer)
{
    bool is_removed = strcmp(answer, "removed") == 0;

    add_row(prune, group, consumer, answer);
    add_to_document(prune, look, group, consumer, answer);
    prune->removed += is_removed;
    prune->pending += strcmp(answer, "pending") == 0;
    prune->was_refused = prune->was_refused || (word(prune, WORD_CONSUMER) && !is_removed);
}

static int prune_group(struct prune *prune, const struct stream_look *look,
                       const struct group_look *group)
{
    const char *wanted = word(prune, WORD_CONSUMER);
    bool is_live = prune->groups->values->mode == MODE_LIVE;
    char answer[16];

    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct consumer_look *consumer = &group->consumers[i];
        if (wanted && strcmp(wanted, consumer->name) != 0)
            continue;
        const char *said = foresee(prune, consumer);
        if (strcmp(said, "active") == 0 && !wanted)
            continue;
        if (is_live && strcmp(said, "removed") == 0) {
            if (remove_one(prune, look->name, group->name, consumer, answer, sizeof answer) < 0)
                return -1;
            said = answer;
        }
        tell(prune, look, group, consumer, said);
    }
    return 0;
}

static int prune_stream(struct prune *prune, const char *stream)
{
    const char *wanted = word(prune, WORD_GROUP);
    struct stream_look look;
    int result = stream_look_require(&prune->groups->ask, stream, true, &look);

    if (result < 0)
        return -1;
    if (wanted && !stream_look_group(&look, wanted))
        result = -command_fail(prune->groups->ask.command, "%s has no group %s",
                               escaped(stream).text, escaped(wanted).text);
    for (size_t i = 0; i < look.group_count && result == 0; i++)
        if (!wanted || strcmp(wanted, look.groups[i].name) == 0)
            result = prune_group(prune, &look, &look.groups[i]);
    stream_look_release(&look);
    return result;
}

static int print_text(const struct prune *prune)
{
    const struct terminal terminal = terminal_look();
    int mode = prune->groups->values->mode;

    if (prune->sheet.count > 0)
        sheet_print(&prune->sheet, stdout, &terminal);
    (void)printf("%s %s, %zu kept for what %s pending\n",
                 counted((long long)prune->removed, "dead consumer", "dead consumers").text,
                 mode == MODE_LIVE ? "removed" : "would be removed", prune->pending,
                 prune->pending == 1 ? "it has" : "they have");
    live_mode_conclude(mode);
    return command_done(prune->groups->ask.command);
}

/* What a dry run would remove stands under the same name. */
static int print_json(const struct prune *prune)
{
    json_t *document = document_new();

    (void)json_object_update_new(document, json_pack("{s:s, s:I, s:I, s:O}", "mode",
                                                     live_mode_names[prune->groups->values->mode],
                                                     "removed", (json_int_t)prune->removed,
                                                     "kept_for_pending", (json_int_t)prune->pending,
                                                     "looked_at", prune->consumers));
    return document_print(prune->groups->ask.command, document);
}

static int conclude(const struct prune *prune)
{
    const char *wanted = word(prune, WORD_CONSUMER);
    int status = prune->groups->values->json ? print_json(prune) : print_text(prune);

    if (wanted && prune->sheet.count == 0)
        return command_fail(prune->groups->ask.command, "there is no consumer %s",
                            escaped(wanted).text);
    if (prune->was_refused)
        return command_fail(prune->groups->ask.command,
                            "%s was not removed: it has entries pending or is alive",
                            escaped(wanted).text);
    return status;
}

int groups_prune(const struct groups *groups, const struct names *streams)
{
    static const char *const titles[] = {"<group and consumer", "pending", "idle", "<what", NULL};
    struct prune prune = {
        .groups = groups, .script = {.source = groups_prune_lua}, .consumers = json_array()};
    int result = 0;

    (void)span_read(groups->values->idle, &prune.idle_ms);
    sheet_init(&prune.sheet, titles);
    if (groups->values->mode == MODE_LIVE)
        result = ask_load(&groups->ask, &prune.script);
    for (size_t i = 0; i < streams->count && result == 0; i++)
        result = prune_stream(&prune, streams->list[i]);
    int status = result == 0 ? conclude(&prune) : EXIT_FAILED;
    sheet_deinit(&prune.sheet);
    json_decref(prune.consumers);
    return status;
}
