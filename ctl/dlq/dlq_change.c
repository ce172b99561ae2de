/* SPDX-License-Identifier: MIT */
/* quantumctl dlq redrive and drop: one dead letter after the other, each with its line. */
#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/trade/order.h"
#include "ctl/dlq/dlq.h"
#include "ctl/frame/span.h"
#include "ctl/write/replay.h"

struct change {
    bool is_live;
    bool redrives;
    struct script script;
    int64_t done; /* or would be */
};

static void tell(const struct dead_letter *dead_letter, const char *what, const char *new_id)
{
    char id[STREAM_ID_TEXT_MAX], intent_id[STREAM_ID_TEXT_MAX], reason[256];

    stream_id_print(dead_letter->id, id);
    stream_id_print(dead_letter->intent_id, intent_id);
    (void)escape(dead_letter->reason.bytes, dead_letter->reason.length, 200, reason, sizeof reason);
    (void)printf("%s %s, %s, of intent %s, reason %s%s%s\n", what, id,
                 dead_letter->symbol[0] ? dead_letter->symbol : "no symbol", intent_id, reason,
                 *new_id ? " → " : "", new_id);
}

/* With its original id and time, so that all guards judge it by these. */
static void add_again(const struct dead_letter *dead_letter, struct command *command)
{
    struct replay replay;

    replay_init(&replay, &dead_letter->intent, UNREADABLE_STAYS);
    replay_set(&replay, "original_timestamp", replay.born);
    replay_add(&replay, command);
    replay_deinit(&replay);
}

/* The executor's mark of the decision, and how the mark begins where it is about this intent. */
static void add_mark(const struct dlq *dlq, const struct dead_letter *dead_letter,
                     struct command *command)
{
    char id[STREAM_ID_TEXT_MAX];
    struct order order;

    (void)!order_read(&dead_letter->intent, &order);
    stream_id_print(dead_letter->intent_id, id);
    command_add_format(command, "%s%s", dlq->processed, order.decision_id);
    command_add_id(command, dead_letter->id);
    command_add_format(command, "%s rejected:", id);
}

static int ask_redrive(struct dlq *dlq, const struct change *change,
                       const struct dead_letter *dead_letter, redisReply **ret_reply)
{
    struct command question;

    script_command(&change->script, 3, &question);
    command_add_all(&question, dlq->dead_letters, dlq->intents, NULL);
    add_mark(dlq, dead_letter, &question);
    add_again(dead_letter, &question);
    return ask_for(&dlq->ask, "not redriven", &question, ret_reply);
}

static int ask_drop(struct dlq *dlq, const struct dead_letter *dead_letter, redisReply **ret_reply)
{
    struct command question = {0};

    command_add_all(&question, "XDEL", dlq->dead_letters, NULL);
    command_add_id(&question, dead_letter->id);
    return ask_for(&dlq->ask, "not dropped", &question, ret_reply);
}

/* Another operator or program may have been quicker. */
static bool is_gone(const redisReply *reply)
{
    int64_t deleted = 1;

    return reply_is_text(reply, "gone") || (reply->type == REDIS_REPLY_INTEGER &&
                                            reply_read_integer(reply, &deleted) && deleted == 0);
}

static int change_live(struct dlq *dlq, struct change *change,
                       const struct dead_letter *dead_letter)
{
    char new_id[STREAM_ID_TEXT_MAX] = "";
    redisReply *reply;
    int result = change->redrives ? ask_redrive(dlq, change, dead_letter, &reply)
                                  : ask_drop(dlq, dead_letter, &reply);

    if (result < 0)
        return -1;
    bool gone = is_gone(reply);
    if (!gone)
        (void)reply_copy_text(reply, new_id, sizeof new_id);
    freeReplyObject(reply);
    change->done += !gone;
    tell(dead_letter, gone ? "gone already:" : change->redrives ? "redriven" : "dropped", new_id);
    return 0;
}

static int change_one(struct dlq *dlq, const struct dead_letter *dead_letter, void *data)
{
    struct change *change = data;

    if (change->is_live)
        return change_live(dlq, change, dead_letter);
    change->done++;
    tell(dead_letter, change->redrives ? "would redrive" : "would drop", "");
    return 0;
}

static int change_all(struct dlq *dlq, struct change *change)
{
    change->script.source = dlq_redrive_lua;
    change->is_live = dlq->values->mode == MODE_LIVE;
    if (change->is_live && change->redrives && ask_load(&dlq->ask, &change->script) < 0)
        return EXIT_FAILED;
    int result = dlq_walk(dlq, change_one, change);
    (void)printf("%s %s%s%s\n", counted(change->done, "dead letter", "dead letters").text,
                 change->is_live ? "" : "would be ", change->redrives ? "redriven" : "dropped",
                 dlq->has_more ? ", and there are more (see --max)" : "");
    live_mode_conclude(dlq->values->mode);
    int status = command_done(dlq->ask.command);
    return result < 0 ? EXIT_FAILED : status;
}

int dlq_redrive(struct dlq *dlq)
{
    struct change change = {.redrives = true};

    return change_all(dlq, &change);
}

int dlq_drop(struct dlq *dlq)
{
    struct change change = {.redrives = false};

    return change_all(dlq, &change);
}
