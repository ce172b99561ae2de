/* SPDX-License-Identifier: MIT */
#include "router/act/commit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"
#include "common/redis/reply.h"

static const struct signal *chosen_signal(const struct commit *commit, size_t choice)
{
    return commit->window->candidates[commit->plan->choices[choice].index].signal;
}

/* Where it is not known nobody decided on it, and there may be no right to read it. */
static bool compares_held(const struct commit *commit)
{
    return commit->snapshot->holdings.state == HOLDINGS_KNOWN && commit->plan->chosen > 0;
}

static void add_keys(const struct commit *commit, struct command *command)
{
    const struct keys *keys = &commit->settings->keys;
    char day[CALENDAR_DAY_MAX];

    calendar_day(commit->snapshot->now_ms, day);
    command_add_all(command, keys->signals, keys->intents, keys->open_orders, keys->safe_mode,
                    NULL);
    command_add_format(command, "%s%s", keys->daily_trades, day);
    command_add_all(command, keys->commit, keys->leader, NULL);
    if (commit->record)
        command_add(command, keys->decisions);
    if (compares_held(commit))
        command_add(command, keys->held);
    for (size_t i = 0; i < commit->plan->chosen; i++)
        command_add_format(command, "%s%s", keys->dedup, chosen_signal(commit, i)->decision_id);
    for (size_t i = 0; i < commit->plan->chosen && commit->settings->cooldown_sec > 0; i++)
        command_add_format(command, "%s%s", keys->cooldown, chosen_signal(commit, i)->symbol);
    halts_add_keys(&commit->settings->halts, command);
}

static void add_fence(const struct commit *commit, struct command *command)
{
    const struct snapshot *snapshot = commit->snapshot;

    command_add_all(command, commit->settings->keys.group, commit->lease, snapshot->epoch, NULL);
    command_add_int(command, (int64_t)snapshot->sequence);
    command_add_bytes(command, snapshot->open_seen, snapshot->open_seen_length);
    command_add(command, snapshot->safe_mode ? "1" : "0");
    command_add_int(command, SNAPSHOT_TEXT_MAX - 1);
}

static void add_limits(const struct commit *commit, struct command *command)
{
    const struct router_settings *settings = commit->settings;
    const struct capacity *capacity = &commit->snapshot->capacity;
    int64_t max_daily = settings->plan.capacity.max_daily;

    command_add_int(command, settings->cooldown_sec);
    command_add(command, settings->keys.in_flight_group);
    command_add_int(command, settings->in_flight_max_age_sec * 1000);
    command_add_int(command, settings->plan.capacity.max_open + 1);
    command_add_int(command, capacity->in_flight < 0 ? 0 : capacity->in_flight);
    command_add_int_if(command, max_daily > 0, max_daily);
    command_add_int(command, capacity->published_since + (int64_t)commit->plan->chosen);
    command_add(command, commit->plan->super_times);
    command_add(command, commit->plan->day_counts);
    command_add(command, commit->plan->minute_counts);
}

/* When what is stale became so, and until when what is chosen is not: the clock may be set before
 * the commit arrives. */
static void add_ages(const struct commit *commit, struct command *command)
{
    int64_t max_age_ms = commit->settings->plan.max_age_ms;
    int64_t stale_after_ms = 0, fresh_until_ms = INT64_MAX;

    for (size_t i = 0; i < commit->plan->count; i++) {
        int64_t ends_ms = commit->window->candidates[i].signal->dated_ms + max_age_ms;
        if (commit->plan->verdicts[i].fate == FATE_STALE && ends_ms > stale_after_ms)
            stale_after_ms = ends_ms;
    }
    for (size_t i = 0; i < commit->plan->chosen; i++) {
        int64_t ends_ms = chosen_signal(commit, i)->dated_ms + max_age_ms;
        fresh_until_ms = ends_ms < fresh_until_ms ? ends_ms : fresh_until_ms;
    }
    command_add_int(command, stale_after_ms);
    command_add_int_if(command, commit->plan->chosen > 0, fresh_until_ms);
    command_add_int(command, commit->settings->in_flight_idle_ms);
}

static void add_record(const struct commit *commit, struct command *command)
{
    const struct record *record = commit->record;

    if (!record) {
        command_add_all(command, "no", "0", "", "0", NULL);
        return;
    }
    command_add(command, commit->settings->record_required ? "must" : "may");
    command_add_int(command, commit->records_max);
    command_add(command, commit->records_end);
    command_add_int(command, RECORD_FIELD_COUNT);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
        command_add(command, record->text[field]);
}

static void add_held(const struct commit *commit, struct command *command)
{
    for (size_t i = 0; i < commit->plan->chosen; i++) {
        command_add(command, chosen_signal(commit, i)->symbol);
        command_add(command, commit->snapshot->held_values[commit->plan->choices[i].index].text);
    }
}

static void add_arguments(const struct commit *commit, struct command *command)
{
    add_fence(commit, command);
    command_add(command, commit->cycle_id);
    command_add_int(command, commit->settings->dedup_ttl_sec);
    command_add_int(command, calendar_next_midnight(commit->snapshot->now_ms) / 1000);
    command_add_int(command, commit->settings->intent_maxlen);
    command_add_int(command, (int64_t)commit->plan->chosen);
    add_limits(commit, command);
    add_ages(commit, command);
    halts_add_words(&commit->settings->halts, command);
    command_add_id(command, commit->snapshot->intents_end);
    command_add(command, compares_held(commit) ? "1" : "0");
    add_record(commit, command);
    add_held(commit, command);
}

static void add_trace(struct command *command, const char *name, const struct trace *trace)
{
    if (!trace->bytes)
        return;
    command_add(command, name);
    command_add_bytes(command, trace->bytes, trace->length);
}

static void add_intent(const struct commit *commit, size_t choice, struct command *command)
{
    const struct signal *signal = chosen_signal(commit, choice);
    int64_t now_ms = commit->snapshot->now_ms;
    char timestamp[CALENDAR_ISO_MAX];
    struct intent intent;

    plan_intent(commit->plan, commit->window, choice, now_ms, commit->cycle_id, &intent);
    char *payload = intent_write(&intent);
    intent_release(&intent);
    calendar_iso(now_ms, timestamp);
    command_add_int(command,
                    8 + (signal->trace_id.bytes ? 2 : 0) + (signal->correlation_id.bytes ? 2 : 0));
    command_add_all(command, "event_type", "trade.intent", "payload", payload, "timestamp",
                    timestamp, "source", INTENT_SOURCE, NULL);
    add_trace(command, "trace_id", &signal->trace_id);
    add_trace(command, "correlation_id", &signal->correlation_id);
    free(payload);
}

void commit_command(const struct commit *commit, struct command *ret_command)
{
    enum { KEYS_ALWAYS = 7 };
    size_t chosen = commit->plan->chosen;
    size_t cooldowns = commit->settings->cooldown_sec > 0 ? chosen : 0;
    size_t halts = commit->settings->halts.also.count;
    size_t held = compares_held(commit) ? 1 : 0;
    size_t records = commit->record ? 1 : 0;

    assert(commit->plan->count == commit->window->count);
    script_command(commit->script, KEYS_ALWAYS + records + held + chosen + cooldowns + halts,
                   ret_command);
    add_keys(commit, ret_command);
    add_arguments(commit, ret_command);
    for (size_t i = 0; i < chosen; i++)
        add_intent(commit, i, ret_command);
    for (size_t i = 0; i < commit->window->count; i++)
        command_add_id(ret_command, commit->window->candidates[i].signal->id);
}

/* An error of Redis, and what is none of the script's words, blocks as well. */
static enum commit_outcome outcome_of(const redisReply *reply)
{
    static const char *const words[] = {
        [COMMIT_DONE] = "done",
        [COMMIT_MOVED] = "moved",
        [COMMIT_FENCED] = "fenced",
        [COMMIT_BLOCKED] = "blocked",
    };

    if (!reply)
        return COMMIT_UNKNOWN;
    for (enum commit_outcome outcome = 0; outcome < sizeof words / sizeof *words; outcome++)
        if (reply_is_text(reply_element(reply, 0), words[outcome]))
            return outcome;
    return COMMIT_BLOCKED;
}

/* What 'done' is followed by: two words about the record, then the intents. */
enum { DONE_RECORD = 1, DONE_SAID, DONE_INTENTS };

static char *join_ids(const redisReply *reply)
{
    char *ids = memory_new(reply->elements * STREAM_ID_TEXT_MAX + 1);
    size_t length = 0;

    for (size_t i = DONE_INTENTS; i < reply->elements; i++) {
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

const char *recorded_as(enum recorded recorded)
{
    static const char *const words[] = {
        [RECORDED] = "",
        [RECORDED_ALONE] = "alone",
        [RECORD_OFF] = "off",
        [RECORD_FORBIDDEN] = "forbidden",
        [RECORD_WRONG_TYPE] = "wrong_type",
        [RECORD_LAST_ID] = "last_id",
        [RECORD_REFUSED] = "refused",
    };

    assert(recorded < RECORDED_COUNT);
    return words[recorded];
}

static void read_record(const redisReply *reply, struct commit_answer *answer)
{
    const redisReply *said = reply_element(reply, DONE_SAID);
    bool has_id = reply_read_stream_id(reply_element(reply, DONE_RECORD), &answer->record_id);

    for (enum recorded word = 0; word < RECORDED_COUNT; word++)
        if (reply_is_text(said, recorded_as(word)) && has_id == (word <= RECORDED_ALONE))
            answer->record = word;
}

void commit_read(const redisReply *reply, struct commit_answer *ret_answer, char **ret_ids)
{
    struct commit_answer answer = {.outcome = outcome_of(reply), .record = RECORD_OFF};
    struct reply_text what;

    if (answer.outcome == COMMIT_DONE) {
        read_record(reply, &answer);
        *ret_ids = join_ids(reply);
    } else if (reply_read_text(reply_element(reply, 1), &what)) {
        (void)snprintf(answer.what, sizeof answer.what, "%.*s", (int)what.length, what.bytes);
    } else {
        (void)snprintf(answer.what, sizeof answer.what, "%s", reply_complaint(reply));
    }
    *ret_answer = answer;
}
