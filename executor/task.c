/* SPDX-License-Identifier: MIT */
#include "executor/task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/monotonic.h"
#include "common/redis/reply.h"

void task_set_state(struct task *task, enum task_state state)
{
    static const bool allowed[][TASK_SETTLING + 1] = {
        [TASK_WAITING] = {[TASK_LOOKING] = true, [TASK_SETTLING] = true},
        [TASK_LOOKING] = {[TASK_WAITING] = true, [TASK_BEGINNING] = true, [TASK_SETTLING] = true},
        [TASK_BEGINNING] = {[TASK_WAITING] = true, [TASK_AT_VENUE] = true, [TASK_SETTLING] = true},
        [TASK_AT_VENUE] = {[TASK_WAITING] = true, [TASK_SETTLING] = true},
        [TASK_SETTLING] = {[TASK_WAITING] = true, [TASK_SETTLING] = true},
    };

    assert(allowed[task->state][state]);
    task->state = state;
}

/* A call that cannot be sent has no answer: the connection is gone, and the desk hears of it. */
void task_call(struct task *task, const struct script *script, struct command *command,
               link_reply_fn *on_reply)
{
    struct link *link = task->desk->link;

    (void)!script_call(script, link, command, link_reply_timeout_ms(link), on_reply, task);
    link_flush(link);
}

int64_t task_now_ms(const struct task *task)
{
    return redis_clock_now(task->desk->clock);
}

/* --- the venue */

static void on_failed(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

/* Nothing waits for this answer: if it is lost, the beginning counts. */
static void take_back_beginning(struct task *task, const char *why)
{
    struct desk *desk = task->desk;
    char id[STREAM_ID_TEXT_MAX];
    struct command command;

    stream_id_print(task->order.id, id);
    script_command(&desk->scripts.fail, 1, &command);
    command_add_format(&command, "%s%s", desk->settings->keys.begun, id);
    command_add(&command, why);
    (void)!script_call(&desk->scripts.fail, desk->link, &command, link_reply_timeout_ms(desk->link),
                       on_failed, NULL);
    link_flush(desk->link);
}

void task_fail(struct task *task, const char *why)
{
    take_back_beginning(task, why);
    (void)snprintf(task->note, sizeof task->note, "%s", why);
    desk_venue_failed(task);
}

static void conclude(struct task *task)
{
    const struct executor_settings *settings = task->desk->settings;
    struct venue_answer answer;
    struct position position;
    struct result result;
    const struct market market = look_market(&task->look);

    if (task->order.closes)
        answer = venue_close(settings, &task->order, &market, task_now_ms(task), &result);
    else
        answer = venue_open(settings, &task->order, &market, task_now_ms(task), &position);
    if (answer.says == VENUE_FAILS) {
        task_fail(task, answer.why);
    } else if (answer.says == VENUE_REJECTS) {
        task_settle_end(task, answer.outcome);
    } else {
        task_set_state(task, TASK_SETTLING);
        if (task->order.closes)
            task_settle_close(task, answer.outcome, &result);
        else
            task_settle_open(task, answer.outcome, &position);
    }
}

void task_answer(struct task *task)
{
    assert(task->state == TASK_AT_VENUE);
    conclude(task);
}

void task_abandon(struct task *task)
{
    if (task->state == TASK_AT_VENUE)
        take_back_beginning(task, "it was stopped");
}

/* 'begun', count, note; or 'gone'. */
static void on_begun(void *data, const redisReply *reply)
{
    struct task *task = data;
    const struct executor_settings *settings = task->desk->settings;

    if (!reply)
        return;
    if (reply_is_text(reply_element(reply, 0), "gone")) {
        desk_finish_elsewhere(task);
        return;
    }
    if (!reply_read_integer(reply_element(reply, 1), &task->begun)) {
        desk_refuse(task, reply_complaint(reply));
        return;
    }
    if (!reply_copy_text(reply_element(reply, 2), task->note, sizeof task->note) || !task->note[0])
        (void)snprintf(task->note, sizeof task->note, "it was cut short");
    if (task->begun > settings->begun_max) {
        task_settle_end(task, OUTCOME_BEGUN_TOO_OFTEN);
        return;
    }
    task_set_state(task, TASK_AT_VENUE);
    task->asked = true;
    task->answer_ms = monotonic_ms();
    if (settings->venue == VENUE_PAPER)
        task->answer_ms += (uint64_t)settings->latency_ms;
    if (task->desk->stopping)
        task_abandon(task);
    desk_dispatch(task->desk);
}

static void begin(struct task *task)
{
    struct desk *desk = task->desk;
    const struct executor_keys *keys = &desk->settings->keys;
    char id[STREAM_ID_TEXT_MAX];
    struct command command;

    if (desk->settings->venue == VENUE_SAFE_DRAIN) {
        conclude(task);
        return;
    }
    task_set_state(task, TASK_BEGINNING);
    stream_id_print(task->order.id, id);
    script_command(&desk->scripts.begin, 2, &command);
    command_add(&command, keys->intents);
    command_add_format(&command, "%s%s", keys->begun, id);
    command_add_all(&command, keys->group, id, NULL);
    command_add_int(&command, executor_mark_sec(desk->settings, &task->order));
    task_call(task, &desk->scripts.begin, &command, on_begun);
}

/* --- the look */

static void judge(struct task *task)
{
    struct guarded guarded =
        guards_ask(&task->desk->settings->guards, &task->order, &task->look.world);

    if (task->desk->stopping)
        desk_put_back(task, 0);
    else if (guarded.verdict == GUARD_HOLD)
        desk_tell_held(task);
    else if (guarded.verdict == GUARD_END)
        task_end(task, guarded.outcome);
    else
        begin(task);
}

static void on_looked(void *data, const redisReply *reply)
{
    struct task *task = data;

    if (!reply)
        return;
    look_release(&task->look);
    if (!look_read(reply, &task->order, &task->look)) {
        desk_refuse(task, reply_complaint(reply));
        return;
    }
    redis_clock_set(task->desk->clock, task->look.world.now_ms);
    if (!task->look.pending)
        desk_finish_elsewhere(task);
    else
        judge(task);
}

void task_look(struct task *task, link_reply_fn *on_reply)
{
    struct desk *desk = task->desk;
    struct command command;

    look_command(&desk->scripts.look, desk->settings, &task->order, &command);
    task_call(task, &desk->scripts.look, &command, on_reply);
}

void task_start(struct task *task)
{
    if (task->rule != RULE_NONE) {
        task_settle_end(task, OUTCOME_INVALID);
        return;
    }
    task_set_state(task, TASK_LOOKING);
    task_look(task, on_looked);
}

void task_free(struct task *task)
{
    look_release(&task->look);
    free(task);
}
