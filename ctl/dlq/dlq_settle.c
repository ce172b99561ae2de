/* SPDX-License-Identifier: MIT */
/* quantumctl dlq redrive and drop: one dead letter after the other, each said; live, each
 * done for good. */
#include "common/base/escape.h"
#include "common/options/program.h"
#include "common/trade/order.h"
#include "ctl/dlq/dlq.h"
#include "ctl/frame/span.h"
#include "ctl/write/replay.h"

struct settling {
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

/* With its original id and time beside it, so that it passes all guards again as what it is. */
static void add_again(const struct dead_letter *dead_letter, struct command *command)
{
    struct replay replay;

    replay_init(&replay, &dead_letter->intent, UNREADABLE_STAYS);
    replay_set(&replay, "original_timestamp", replay.born);
    replay_add(&replay, command);
    replay_deinit(&replay);
}

/* The executor's mark of the decision, and how it begins where it tells of this dead letter. */
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

static int ask_redrive(struct dlq *dlq, const struct settling *settling,
                       const struct dead_letter *dead_letter, redisReply **ret_reply)
{
    struct command question;

    script_command(&settling->script, 3, &question);
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

/* Another may have been quicker. */
static bool is_gone(const redisReply *reply)
{
    int64_t deleted = 1;

    return reply_is_text(reply, "gone") || (reply->type == REDIS_REPLY_INTEGER &&
                                            reply_read_integer(reply, &deleted) && deleted == 0);
}

static int settle_live(struct dlq *dlq, struct settling *settling,
                       const struct dead_letter *dead_letter)
{
    char new_id[STREAM_ID_TEXT_MAX] = "";
    redisReply *reply;
    int result = settling->redrives ? ask_redrive(dlq, settling, dead_letter, &reply)
                                    : ask_drop(dlq, dead_letter, &reply);

    if (result < 0)
        return -1;
    bool gone = is_gone(reply);
    if (!gone)
        (void)reply_copy_text(reply, new_id, sizeof new_id);
    freeReplyObject(reply);
    settling->done += !gone;
    tell(dead_letter, gone ? "gone already:" : settling->redrives ? "redriven" : "dropped", new_id);
    return 0;
}

static int settle(struct dlq *dlq, const struct dead_letter *dead_letter, void *data)
{
    struct settling *settling = data;

    if (settling->is_live)
        return settle_live(dlq, settling, dead_letter);
    settling->done++;
    tell(dead_letter, settling->redrives ? "would redrive" : "would drop", "");
    return 0;
}

static int settle_all(struct dlq *dlq, struct settling *settling)
{
    settling->script.source = dlq_redrive_lua;
    settling->is_live = dlq->values->mode == MODE_LIVE;
    if (settling->is_live && settling->redrives && ask_load(&dlq->ask, &settling->script) < 0)
        return EXIT_FAILED;
    int result = dlq_walk(dlq, settle, settling);
    (void)printf("%s %s%s%s\n", counted(settling->done, "dead letter", "dead letters").text,
                 settling->is_live ? "" : "would be ", settling->redrives ? "redriven" : "dropped",
                 dlq->has_more ? ", and there are more (see --max)" : "");
    live_mode_conclude(dlq->values->mode);
    int status = command_done(dlq->ask.command);
    return result < 0 ? EXIT_FAILED : status;
}

int dlq_redrive(struct dlq *dlq)
{
    struct settling settling = {.redrives = true};

    return settle_all(dlq, &settling);
}

int dlq_drop(struct dlq *dlq)
{
    struct settling settling = {.redrives = false};

    return settle_all(dlq, &settling);
}
