/* SPDX-License-Identifier: MIT */
#include "executor/hold.h"

#include <string.h>

#include "common/redis/reply.h"
#include "executor/look.h"

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

static enum hold hold_of(const redisReply *reply)
{
    if (!reply_is_text(reply->element[0], "1"))
        return HOLD_NONE;
    if (!reply_is_text(reply->element[1], "missing"))
        return HOLD_SAFE_MODE;
    return reply_is_text(reply->element[3], "missing") ? HOLD_UNKNOWN : HOLD_UNPARSEABLE;
}

static void tell(struct executor *executor, enum hold hold, const redisReply *reply)
{
    struct reply_text value = value_of(reply->element[hold == HOLD_SAFE_MODE ? 1 : 3]);
    int64_t ttl_sec = -1, open = 0;

    (void)reply_read_integer(reply->element[2], &ttl_sec);
    executor_report_hold(&executor->report, hold, value.bytes, value.length, ttl_sec);
    executor->events->held(executor->owner, hold);
    bool known = look_read_open(reply->element[3], &open);
    executor->events->open_orders(executor->owner, known, open);
    executor->events->moved(executor->owner);
}

/* ACKs that Redis refused are sent again in passing. */
static void on_timer(uv_timer_t *timer)
{
    struct executor *executor = timer->data;

    acks_flush(&executor->acks);
    hold_ask(executor);
}

/* What was put back is pending, and read again; its age says whether it waited too long. */
static void end(struct executor *executor)
{
    executor->held = false;
    executor->held_read = 0;
    desk_release(&executor->desk);
    group_reader_start(&executor->reader);
}

static void on_answer(void *data, const redisReply *reply)
{
    struct executor *executor = data;

    executor->hold_asked = false;
    if (!reply || (executor->state != EXECUTOR_RECOVERING && executor->state != EXECUTOR_RUNNING))
        return;
    if (!reply_is_array(reply, 4) || !redis_clock_hear(&executor->clock, reply, 4)) {
        executor->events->refused(executor->owner, reply_complaint(reply));
        executor_report_refused(&executor->report, reply_complaint(reply));
    } else {
        enum hold hold = hold_of(reply);
        tell(executor, hold, reply);
        if (hold == HOLD_NONE && executor->held)
            end(executor);
        else if (hold != HOLD_NONE && !executor->held)
            hold_begin(executor);
    }
    (void)uv_timer_start(&executor->timer, on_timer,
                         executor->held ? EXECUTOR_HOLD_POLL_MS : EXECUTOR_LOOK_MS, 0);
}

void hold_ask(struct executor *executor)
{
    const struct executor_keys *keys = &executor->settings->keys;
    struct link *link = executor->session.links.worker;
    struct command command;

    if (executor->hold_asked)
        return;
    script_command(&executor->hold_script, 3, &command);
    command_add_all(&command, keys->hold, keys->safe_mode, keys->open_orders,
                    executor->settings->guards.capacity_needed ? "1" : "0", NULL);
    command_add_int(&command, executor->settings->max_age_sec + 1);
    command_add_int(&command, EXECUTOR_TEXT_MAX);
    executor->hold_asked = script_call(&executor->hold_script, link, &command,
                                       link_reply_timeout_ms(link), on_answer, executor) == 0;
}

void hold_begin(struct executor *executor)
{
    if (!executor->held) {
        executor->held = true;
        executor->held_read = desk_hold(&executor->desk);
    }
    hold_ask(executor);
}
