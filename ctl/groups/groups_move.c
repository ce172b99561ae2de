/* SPDX-License-Identifier: MIT */
/* quantumctl groups skip and rewind: where the group stands, where it goes, and where it went. */
#include <inttypes.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/number.h"
#include "common/options/program.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "ctl/frame/span.h"
#include "ctl/groups/groups.h"

enum { WORD_STREAM = 1, WORD_GROUP = 2 };

static bool read_ms(const char *text, uint64_t *ret_ms)
{
    size_t length = strlen(text);
    int64_t ms;

    if (!(number_read_integer(text, length, &ms) && ms >= 0) &&
        !(calendar_read_iso(text, length, &ms) && ms >= 0))
        return false;
    *ret_ms = (uint64_t)ms;
    return true;
}

bool groups_move_read(const char *text, struct stream_id *ret_behind)
{
    struct stream_id id = {0, 0};

    if (!stream_id_read(text, strlen(text), &id) && !read_ms(text, &id.ms))
        return false;
    *ret_behind = stream_id_before(id);
    return true;
}

struct move {
    const struct groups *groups;
    const char *stream;
    const char *group;
    bool to_end;
    struct stream_id behind; /* rewind: the group goes on behind this */
    json_t *document;        /* NULL: it is told in words */
};

static void tell_words(const char *when, const struct group_look *group)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(group->last_delivered, id);
    (void)printf("%s:%*s last delivered %s, %" PRId64 " not delivered, %" PRId64 " pending\n", when,
                 (int)(6 - strlen(when)), "", id, group->lag, group->pending);
}

static void tell(const struct move *move, const char *when, const struct group_look *group)
{
    if (move->document)
        document_put(move->document, when,
                     json_pack("{s:o, s:I, s:I}", "last_delivered_id",
                               document_id(group->last_delivered), "lag", (json_int_t)group->lag,
                               "pending", (json_int_t)group->pending));
    else
        tell_words(when, group);
}

/* The end of the output. */
static int conclude(const struct move *move)
{
    if (move->document)
        return document_print(move->groups->ask.command, json_incref(move->document));
    live_mode_conclude(move->groups->values->mode);
    return command_done(move->groups->ask.command);
}

/* Prints where it stands; the group is good until the look is released. */
static int look(const struct move *move, const char *when, struct stream_look *ret_look,
                struct group_look **ret_group)
{
    if (stream_look_require(&move->groups->ask, move->stream, true, ret_look) < 0)
        return -1;
    *ret_group = stream_look_group(ret_look, move->group);
    if (*ret_group) {
        tell(move, when, *ret_group);
        return 0;
    }
    (void)command_fail(move->groups->ask.command, "%s has no group %s", escaped(move->stream).text,
                       escaped(move->group).text);
    stream_look_release(ret_look);
    return -1;
}

static int refuse_alive(const struct move *move, const char *shown, int64_t idle_ms)
{
    char idle[SPAN_TEXT_MAX];

    span_print(idle_ms, idle);
    return command_fail(move->groups->ask.command,
                        "consumer %s was seen %s ago: stop it first, or it reads on from here "
                        "while you look",
                        shown, idle);
}

/* Refuses what the script would refuse, and a move in the wrong direction. */
static int foresee(const struct move *move, const struct group_look *group)
{
    char id[STREAM_ID_TEXT_MAX];

    if (move->to_end)
        return EXIT_DONE;
    stream_id_print(group->last_delivered, id);
    if (stream_id_compare(move->behind, group->last_delivered) >= 0)
        return command_fail(move->groups->ask.command,
                            "--to=%s is not back: the group was given entries up to %s (see "
                            "groups skip)",
                            escaped(move->groups->values->to).text, id);
    for (size_t i = 0; i < group->consumer_count; i++)
        if (group->consumers[i].idle_ms < GROUPS_ALIVE_MS)
            return refuse_alive(move, group->consumers[i].shown, group->consumers[i].idle_ms);
    return EXIT_DONE;
}

static int read_answer(const struct move *move, const redisReply *reply)
{
    struct reply_text name;
    int64_t idle_ms = 0;
    char shown[512];

    if (reply_is_text(reply, "moved"))
        return EXIT_DONE;
    if (!reply_read_text(reply_element(reply, 1), &name) ||
        !reply_read_integer(reply_element(reply, 2), &idle_ms))
        return command_fail(move->groups->ask.command, "not moved: %s", reply_complaint(reply));
    (void)escape(name.bytes, name.length, name.length, shown, sizeof shown);
    return refuse_alive(move, shown, idle_ms);
}

static int carry_out(const struct move *move)
{
    struct script script = {.source = groups_move_lua};
    struct command question;
    redisReply *reply;

    if (ask_load(&move->groups->ask, &script) < 0)
        return EXIT_FAILED;
    script_command(&script, 1, &question);
    command_add_all(&question, move->stream, move->group, NULL);
    if (move->to_end)
        command_add(&question, "$");
    else
        command_add_id(&question, move->behind);
    command_add_int(&question, move->to_end ? 0 : GROUPS_ALIVE_MS);
    if (ask_for(&move->groups->ask, "not moved", &question, &reply) < 0)
        return EXIT_FAILED;
    int status = read_answer(move, reply);
    freeReplyObject(reply);
    return status;
}

static int tell_after(const struct move *move)
{
    struct stream_look after;
    struct group_look *group;

    if (look(move, "after", &after, &group) < 0)
        return EXIT_FAILED;
    stream_look_release(&after);
    return conclude(move);
}

/* How many entries would not be delivered after the move. Nothing else would change. */
static int foretell(const struct move *move, const struct stream_look *look)
{
    int64_t left = 0;

    if (!move->to_end &&
        stream_look_count(&move->groups->ask, move->stream, move->behind, look->last, &left) < 0)
        return EXIT_FAILED;
    if (move->document)
        document_put(move->document, "after", json_pack("{s:I}", "lag", (json_int_t)left));
    else
        (void)printf("would leave %" PRId64 " not delivered\n", left);
    return conclude(move);
}

static int move_group(struct move *move)
{
    bool is_live = move->groups->values->mode == MODE_LIVE;
    struct stream_look before;
    struct group_look *group;

    if (look(move, "before", &before, &group) < 0)
        return EXIT_FAILED;
    int status = foresee(move, group);
    if (status == EXIT_DONE && !is_live)
        status = foretell(move, &before);
    stream_look_release(&before);
    if (status != EXIT_DONE || !is_live)
        return status;
    status = carry_out(move);
    return status == EXIT_DONE ? tell_after(move) : status;
}

static json_t *begin_document(const struct move *move)
{
    json_t *document = document_new();

    (void)json_object_update_new(document, json_pack("{s:s, s:s, s:s}", "mode",
                                                     live_mode_names[move->groups->values->mode],
                                                     "stream", escaped(move->stream).text, "group",
                                                     escaped(move->group).text));
    return document;
}

int groups_move(const struct groups *groups, bool to_end)
{
    struct move move = {.groups = groups,
                        .stream = groups->words->list[WORD_STREAM],
                        .group = groups->words->list[WORD_GROUP],
                        .to_end = to_end};

    if (!to_end)
        (void)groups_move_read(groups->values->to, &move.behind);
    if (groups->values->json)
        move.document = begin_document(&move);
    int status = move_group(&move);
    json_decref(move.document);
    return status;
}
