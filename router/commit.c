/* SPDX-License-Identifier: MIT */
#include "router/commit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

static const struct signal *chosen_signal(const struct window *window, const struct plan *plan,
                                          size_t choice)
{
    return window->candidates[plan->choices[choice].index].signal;
}

static void add_keys(struct command *command, const struct keys *keys,
                     const struct snapshot *snapshot, const struct window *window,
                     const struct plan *plan)
{
    char day[CALENDAR_DAY_MAX];

    calendar_day(snapshot->now_ms, day);
    command_add_all(command, keys->signals, keys->intents, keys->open_orders, keys->safe_mode,
                    NULL);
    command_add_format(command, "%s%s", keys->daily_trades, day);
    command_add(command, keys->commit);
    for (size_t i = 0; i < plan->chosen; i++)
        command_add_format(command, "%s%s", keys->dedup,
                           chosen_signal(window, plan, i)->decision_id);
}

static void add_head(struct command *command, const struct commit_settings *settings,
                     const struct snapshot *snapshot, const struct plan *plan, const char *cycle_id)
{
    command_add_all(command, settings->keys->group, snapshot->epoch, NULL);
    command_add_int(command, (int64_t)snapshot->sequence);
    command_add_bytes(command, snapshot->open_seen, snapshot->open_seen_length);
    command_add(command, snapshot->safe_mode ? "1" : "0");
    command_add_int(command, SNAPSHOT_TEXT_MAX - 1);
    command_add(command, cycle_id);
    command_add_int(command, settings->dedup_ttl_sec);
    command_add_int(command, calendar_next_midnight(snapshot->now_ms) / 1000);
    command_add_int(command, settings->intent_maxlen);
    command_add_int(command, (int64_t)plan->chosen);
}

static void add_trace(struct command *command, const char *name, const struct trace *trace)
{
    if (!trace->bytes)
        return;
    command_add(command, name);
    command_add_bytes(command, trace->bytes, trace->length);
}

static void add_intent(struct command *command, const struct snapshot *snapshot,
                       const struct window *window, const struct plan *plan, size_t choice,
                       const char *cycle_id)
{
    const struct signal *signal = chosen_signal(window, plan, choice);
    char timestamp[CALENDAR_ISO_MAX];
    struct intent intent;

    plan_intent(plan, window, choice, snapshot->now_ms, cycle_id, &intent);
    char *payload = intent_write(&intent);
    intent_release(&intent);
    calendar_iso(snapshot->now_ms, timestamp);
    command_add_int(command,
                    8 + (signal->trace_id.bytes ? 2 : 0) + (signal->correlation_id.bytes ? 2 : 0));
    command_add_all(command, "event_type", "trade.intent", "payload", payload, "timestamp",
                    timestamp, "source", INTENT_SOURCE, NULL);
    add_trace(command, "trace_id", &signal->trace_id);
    add_trace(command, "correlation_id", &signal->correlation_id);
    free(payload);
}

void commit_command(const struct script *script, const struct commit_settings *settings,
                    const struct snapshot *snapshot, const struct window *window,
                    const struct plan *plan, const char *cycle_id, struct command *ret_command)
{
    enum { KEYS_BEFORE_MARKS = 6 };

    assert(plan->count == window->count);
    script_command(script, KEYS_BEFORE_MARKS + plan->chosen, ret_command);
    add_keys(ret_command, settings->keys, snapshot, window, plan);
    add_head(ret_command, settings, snapshot, plan, cycle_id);
    for (size_t i = 0; i < plan->chosen; i++)
        add_intent(ret_command, snapshot, window, plan, i, cycle_id);
    for (size_t i = 0; i < window->count; i++)
        command_add_id(ret_command, window->candidates[i].signal->id);
}

static enum commit_outcome outcome_of(const redisReply *reply)
{
    if (!reply)
        return COMMIT_UNKNOWN;
    if (!reply_is_array(reply, 1))
        return COMMIT_REFUSED;
    if (reply_is_text(reply->element[0], "done"))
        return COMMIT_DONE;
    if (reply_is_text(reply->element[0], "moved"))
        return COMMIT_MOVED;
    if (reply_is_text(reply->element[0], "fenced"))
        return COMMIT_FENCED;
    return COMMIT_REFUSED;
}

static char *join_ids(const redisReply *reply)
{
    char *ids = memory_new(reply->elements * STREAM_ID_TEXT_MAX + 1);
    size_t length = 0;

    for (size_t i = 1; i < reply->elements; i++) {
        struct stream_id id;
        if (!reply_read_stream_id(reply->element[i], &id))
            continue;
        if (length > 0)
            ids[length++] = ' ';
        stream_id_print(id, ids + length);
        length += strlen(ids + length);
    }
    return ids;
}

void commit_read(const redisReply *reply, struct commit_answer *ret_answer, char **ret_ids)
{
    struct commit_answer answer = {.outcome = outcome_of(reply)};
    struct reply_text what;

    if (answer.outcome == COMMIT_DONE)
        *ret_ids = join_ids(reply);
    else if (reply_read_text(reply_element(reply, 1), &what))
        (void)snprintf(answer.what, sizeof answer.what, "%.*s", (int)what.length, what.bytes);
    else
        (void)snprintf(answer.what, sizeof answer.what, "%s", reply_complaint(reply));
    *ret_answer = answer;
}
