/* SPDX-License-Identifier: MIT */
#include "executor/act/hold.h"

#include <string.h>

#include "common/redis/reply.h"
#include "common/redis/seen.h"
#include "executor/act/executor_look.h"

static enum hold_reason reason_of(const redisReply *reply)
{
    if (!reply_is_text(reply->element[0], "1"))
        return HOLD_NONE;
    if (!reply_is_text(reply->element[1], "missing"))
        return HOLD_SAFE_MODE;
    return reply_is_text(reply->element[3], "missing") ? HOLD_UNKNOWN : HOLD_UNPARSEABLE;
}

static void note_value(const redisReply *reply, struct hold_seen *hold_seen)
{
    size_t most = sizeof hold_seen->value - 1;
    struct seen seen = {.text = {"", 0}};

    (void)!seen_read(reply, &seen);
    hold_seen->length = seen.text.length < most ? seen.text.length : most;
    memcpy(hold_seen->value, seen.text.bytes, hold_seen->length);
}

static struct hold_seen seen_in(const redisReply *reply)
{
    struct hold_seen seen = {.reason = reason_of(reply), .ttl_sec = -1};
    bool is_safe_mode = seen.reason == HOLD_SAFE_MODE;

    note_value(reply->element[is_safe_mode ? 1 : 3], &seen);
    (void)reply_read_integer(reply->element[2], &seen.ttl_sec);
    (void)reply_read_integer(reply->element[6], &seen.halt_number);
    seen.open_known = executor_look_read_open(reply->element[3], &seen.open);
    return seen;
}

static void ask(struct hold *hold);

static void begin(struct hold *hold)
{
    if (hold->holds)
        return;
    hold->holds = true;
    hold->events->began(hold->owner);
}

static void end(struct hold *hold)
{
    if (!hold->holds)
        return;
    hold->holds = false;
    hold->events->ended(hold->owner);
}

static void on_timer(uv_timer_t *timer)
{
    ask(timer->data);
}

static void rest(struct hold *hold)
{
    if (hold->is_open)
        (void)uv_timer_start(&hold->timer, on_timer,
                             hold->holds ? EXECUTOR_HOLD_POLL_MS : EXECUTOR_LOOK_MS, 0);
}

/* Where the reason may not be read, it holds all the same. */
static void on_words(void *data, const redisReply *reply)
{
    struct hold *hold = data;
    struct reply_text words = {"", 0};

    hold->is_asking = false;
    if (!reply || !hold->is_open)
        return;
    (void)reply_read_text(reply, &words);
    if (words.length > HOLD_WORDS_MAX)
        words.length = HOLD_WORDS_MAX;
    memcpy(hold->seen.words, words.bytes, words.length);
    hold->events->seen(hold->owner, &hold->seen);
    rest(hold);
}

static void ask_words(struct hold *hold)
{
    struct command command = {0};

    command_add(&command, "GETRANGE");
    command_add_format(&command, "%s" HALTS_REASON, hold->office->settings->keys.safe_mode);
    command_add(&command, "0");
    command_add_int(&command, HOLD_WORDS_MAX - 1);
    hold->is_asking = office_ask(hold->office, &command, on_words, hold);
}

/* It holds before it asks for the reason. */
static void take(struct hold *hold, const redisReply *reply)
{
    hold->seen = seen_in(reply);
    if (hold->seen.reason == HOLD_SAFE_MODE && hold->seen.halt_number == 0) {
        begin(hold);
        ask_words(hold);
        return;
    }
    hold->events->seen(hold->owner, &hold->seen);
    if (hold->seen.reason == HOLD_NONE)
        end(hold);
    else
        begin(hold);
    rest(hold);
}

static void on_answer(void *data, const redisReply *reply)
{
    struct hold *hold = data;

    hold->is_asking = false;
    if (!reply || !hold->is_open)
        return;
    if (reply_is_array(reply, 7) && redis_clock_hear(&hold->office->clock, reply, 4)) {
        take(hold, reply);
        return;
    }
    hold->events->refused(hold->owner, reply_complaint(reply));
    rest(hold);
}

static void ask(struct hold *hold)
{
    const struct executor_settings *settings = hold->office->settings;
    const struct executor_keys *keys = &settings->keys;
    struct command command;

    if (hold->is_asking)
        return;
    office_command(hold->office, SCRIPT_HOLD, 3 + settings->halts.also.count, &command);
    command_add_all(&command, keys->hold, keys->safe_mode, keys->open_orders, NULL);
    halts_add_keys(&settings->halts, &command);
    command_add(&command, settings->guards.capacity_needed ? "1" : "0");
    command_add_int(&command, settings->max_age_sec + 1);
    command_add_int(&command, EXECUTOR_TEXT_MAX);
    halts_add_words(&settings->halts, &command);
    hold->is_asking = office_call(hold->office, SCRIPT_HOLD, &command, on_answer, hold);
}

void hold_begin(struct hold *hold)
{
    begin(hold);
    ask(hold);
}

void hold_init(struct hold *hold, uv_loop_t *loop, struct office *office,
               const struct hold_events *events, void *owner)
{
    *hold = (struct hold){.office = office, .events = events, .owner = owner};
    (void)uv_timer_init(loop, &hold->timer);
    hold->timer.data = hold;
}

void hold_start(struct hold *hold)
{
    hold->is_open = true;
    ask(hold);
}

void hold_stop(struct hold *hold)
{
    hold->is_open = hold->holds = hold->is_asking = false;
    (void)uv_timer_stop(&hold->timer);
}

void hold_close(struct hold *hold)
{
    uv_close((uv_handle_t *)&hold->timer, NULL);
}
