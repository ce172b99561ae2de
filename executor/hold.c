/* SPDX-License-Identifier: MIT */
#include "executor/hold.h"

#include <string.h>

#include "common/redis/reply.h"
#include "executor/look.h"
#include "executor/scripts.h"

/* Of "text:" and "type:". */
enum { KIND_LENGTH = 5 };

/* What seen() says behind "text:" or "type:". */
static struct reply_text value_of(const redisReply *reply)
{
    struct reply_text text = {"", 0};

    if (reply_read_text(reply, &text) && text.length >= KIND_LENGTH &&
        !reply_is_text(reply, "missing"))
        return (struct reply_text){text.bytes + KIND_LENGTH, text.length - KIND_LENGTH};
    return (struct reply_text){"", 0};
}

static enum hold_reason reason_of(const redisReply *reply)
{
    if (!reply_is_text(reply->element[0], "1"))
        return HOLD_NONE;
    if (!reply_is_text(reply->element[1], "missing"))
        return HOLD_SAFE_MODE;
    return reply_is_text(reply->element[3], "missing") ? HOLD_UNKNOWN : HOLD_UNPARSEABLE;
}

static enum hold_reason tell(struct hold *hold, const redisReply *reply)
{
    struct hold_seen seen = {.reason = reason_of(reply), .ttl_sec = -1};
    bool is_safe_mode = seen.reason == HOLD_SAFE_MODE;
    struct reply_text value = value_of(reply->element[is_safe_mode ? 1 : 3]);

    seen.value = value.bytes;
    seen.length = value.length;
    (void)reply_read_integer(reply->element[2], &seen.ttl_sec);
    seen.open_known = look_read_open(reply->element[3], &seen.open);
    hold->events->seen(hold->owner, &seen);
    return seen.reason;
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

/* To be refused may end the session. */
static void on_answer(void *data, const redisReply *reply)
{
    struct hold *hold = data;

    hold->is_asking = false;
    if (!reply || !hold->is_open)
        return;
    if (!reply_is_array(reply, 4) || !redis_clock_hear(hold->clock, reply, 4))
        hold->events->refused(hold->owner, reply_complaint(reply));
    else if (tell(hold, reply) == HOLD_NONE)
        end(hold);
    else
        begin(hold);
    if (hold->is_open)
        (void)uv_timer_start(&hold->timer, on_timer,
                             hold->holds ? EXECUTOR_HOLD_POLL_MS : EXECUTOR_LOOK_MS, 0);
}

static void ask(struct hold *hold)
{
    const struct executor_keys *keys = &hold->settings->keys;
    struct command command;

    if (hold->is_asking)
        return;
    script_command(&hold->script, 3, &command);
    command_add_all(&command, keys->hold, keys->safe_mode, keys->open_orders,
                    hold->settings->guards.capacity_needed ? "1" : "0", NULL);
    command_add_int(&command, hold->settings->max_age_sec + 1);
    command_add_int(&command, EXECUTOR_TEXT_MAX);
    hold->is_asking = script_call(&hold->script, hold->link, &command,
                                  link_reply_timeout_ms(hold->link), on_answer, hold) == 0;
}

void hold_begin(struct hold *hold)
{
    begin(hold);
    ask(hold);
}

void hold_init(struct hold *hold, uv_loop_t *loop)
{
    hold->script = (struct script){.source = hold_lua};
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
