/* SPDX-License-Identifier: MIT */
/* What waits because Redis may lack its last seconds, or does: of router and executor. */
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/redis/reply.h"
#include "ctl/frame/document.h"
#include "ctl/look/status_look.h"
#include "executor/act/state_doubt.h"

enum { WORD_MAX = 256 };

/* Of one service: what Redis holds of its doubt about the server, and of what it reads. */
struct past_look {
    const char *who, *waiting;
    const char *stream, *group;
    int64_t max_age_ms;
    int64_t since_ms; /* 0: it is sure, or what is older is stale by now */
    bool is_lacking;  /* something is gone for certain */
};

static int ask_hash(struct status *status, const char *key, redisReply **ret_reply)
{
    struct command question = {0};

    command_add_all(&question, "HMGET", key, "unsure_since", "unsure_resumed", "resumed", NULL);
    return ask_for(&status->ask, escaped(key).text, &question, ret_reply);
}

/* An operator's word; none is the empty one. */
static void read_word(const redisReply *reply, char word[static WORD_MAX])
{
    if (!reply || !reply_copy_text(reply, word, WORD_MAX))
        word[0] = '\0';
}

/* `resumed` is the last word that an operator gave. */
static void read_since(const struct status *status, const redisReply *reply, const char *resumed,
                       struct past_look *look)
{
    char seen[WORD_MAX];
    int64_t since_ms;

    read_word(reply_element(reply, 1), seen);
    if (!reply_read_integer(reply_element(reply, 0), &since_ms) || since_ms <= 0 ||
        strcmp(seen, resumed) != 0)
        return;
    look->is_lacking = since_ms == STATE_LACKING;
    if (!look->is_lacking && status->now_ms - since_ms <= look->max_age_ms)
        look->since_ms = since_ms;
}

/* What is held back is pending. */
static bool has_pending(const struct status *status, const struct past_look *look)
{
    json_t *stream =
        json_object_get(json_object_get(status->document, "streams"), escaped(look->stream).text);
    json_t *group = json_object_get(json_object_get(stream, "groups"), escaped(look->group).text);
    json_t *pending = json_object_get(group, "pending");

    return !json_is_integer(pending) || json_integer_value(pending) > 0;
}

static void judge(struct status *status, const struct past_look *look)
{
    char since[CALENDAR_ISO_MAX];

    if (look->is_lacking)
        findings_add(&status->findings, CRITICAL,
                     "STATE_ROLLED_BACK: what the %s settled last is not in Redis; no %s go on "
                     "until quantumctl resume",
                     look->who, look->waiting);
    if (look->since_ms == 0 || !has_pending(status, look))
        return;
    calendar_iso(look->since_ms, since);
    findings_add(&status->findings, WARNING,
                 "STATE_UNSURE: Redis may lack its last seconds; the %s's %s from before %s wait "
                 "until they are stale, or until quantumctl resume",
                 look->who, look->waiting, since);
}

static json_t *look_json(const struct past_look *look, json_t *rolled_back)
{
    char since[CALENDAR_ISO_MAX];

    calendar_iso(look->since_ms, since);
    return json_pack("{s:o, s:o}", "unsure_since",
                     look->since_ms > 0 ? json_string(since) : json_null(), "rolled_back",
                     rolled_back);
}

/* Whether the router knows of a loss is told by its metrics, and added with them. */
static int add_past(struct status *status, const redisReply *commit)
{
    const struct router_settings *router = status->router;
    const struct executor_settings *executor = status->executor;
    struct past_look of_router = {.who = "router",
                                  .waiting = "signals",
                                  .stream = router->keys.signals,
                                  .group = router->keys.group,
                                  .max_age_ms = router->plan.max_age_ms};
    struct past_look of_executor = {.who = "executor",
                                    .waiting = "openings",
                                    .stream = executor->keys.intents,
                                    .group = executor->keys.group,
                                    .max_age_ms = executor->guards.max_age_ms};
    char resumed[WORD_MAX];
    redisReply *known;

    if (ask_hash(status, executor->keys.server, &known) < 0)
        return status_unread(status, executor->keys.server);
    read_word(reply_element(commit, 2), resumed);
    read_since(status, commit, resumed, &of_router);
    read_since(status, known, resumed, &of_executor);
    freeReplyObject(known);
    judge(status, &of_router);
    judge(status, &of_executor);
    document_put(status->document, "past",
                 json_pack("{s:o, s:o}", of_router.who, look_json(&of_router, json_null()),
                           of_executor.who,
                           look_json(&of_executor, json_boolean(of_executor.is_lacking))));
    return 0;
}

int status_add_past(struct status *status)
{
    redisReply *commit;

    if (ask_hash(status, status->router->keys.commit, &commit) < 0)
        return status_unread(status, status->router->keys.commit);
    int result = add_past(status, commit);
    freeReplyObject(commit);
    return result;
}
