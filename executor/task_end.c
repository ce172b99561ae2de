/* SPDX-License-Identifier: MIT */
/* How a task comes to its end: what settles it, and what that said. */
#include <stdio.h>
#include <string.h>

#include "common/base/monotonic.h"
#include "executor/task.h"

static void on_settled(void *data, const redisReply *reply);

static void tell_ended(struct task *task, int64_t positions)
{
    const struct desk *desk = task->desk;

    task->ending.order = &task->order;
    task->ending.rule = task->rule;
    task->ending.begun = task->begun;
    task->ending.note = task->note;
    task->ending.positions = positions;
    task->ending.seconds = (double)(monotonic_ms() - task->added_ms) / 1000.0;
    task->ending.age_seconds = (double)(task_now_ms(task) - task->order.timestamp_ms) / 1000.0;
    desk->events->ended(desk->owner, &task->ending);
}

/* What a dead letter tells; the script puts the entry's own fields to it. */
static struct letter letter_of(const struct task *task, enum outcome outcome)
{
    bool is_invalid = outcome == OUTCOME_INVALID;
    bool is_ahead = is_invalid && task->rule == RULE_FUTURE;

    return (struct letter){
        .reason = is_invalid ? rule_name(task->rule) : outcome_reason(outcome),
        .note = is_invalid ? "" : task->note,
        .begun = task->begun,
        .before_ms =
            is_ahead ? task->order.timestamp_ms - task->desk->settings->guards.future_max_ms : 0,
    };
}

void task_settle_end(struct task *task, enum outcome outcome)
{
    struct desk *desk = task->desk;
    struct result result = result_of(&task->order, outcome, task_now_ms(task));
    bool is_dead = outcome == OUTCOME_INVALID || outcome == OUTCOME_BEGUN_TOO_OFTEN;
    struct letter letter = letter_of(task, outcome);
    char reason[64];
    struct command command;

    task_set_state(task, TASK_SETTLING);
    if (outcome == OUTCOME_INVALID) {
        (void)snprintf(reason, sizeof reason, "invalid_%s", rule_name(task->rule));
        result.reason = reason;
    }
    task->ending = (struct ending){.outcome = outcome};
    (void)snprintf(task->mark, sizeof task->mark, "%s %s%s%s", result.intent_id, result.status,
                   result.reason[0] ? ":" : "", result.reason);
    settle_end_command(&desk->scripts.end, desk->settings, &task->order, &result,
                       outcome != OUTCOME_INVALID, is_dead ? &letter : NULL, &command);
    if (outcome == OUTCOME_INVALID || outcome == OUTCOME_DUPLICATE)
        task->mark[0] = '\0';
    task_call(task, &desk->scripts.end, &command, on_settled);
}

/* Stale ones may come by the million: they get no script of their own. */
void task_end(struct task *task, enum outcome outcome)
{
    const struct desk *desk = task->desk;

    if (outcome == OUTCOME_STALE) {
        desk->events->stale(desk->owner, &task->order);
        desk_finish(task);
        return;
    }
    if (outcome == OUTCOME_INVALID)
        task->rule = RULE_FUTURE;
    task_settle_end(task, outcome);
}

static int64_t deadline_ms(const struct task *task)
{
    return guards_deadline_ms(&task->desk->settings->guards, &task->order,
                              task->look.world.resumed_ms);
}

void task_settle_open(struct task *task, enum outcome outcome, const struct position *position)
{
    struct desk *desk = task->desk;
    const struct opening opening = {
        .outcome = outcome,
        .position = position,
        .deadline_ms = deadline_ms(task),
        .now_ms = task_now_ms(task),
    };
    struct command command;

    task->ending = (struct ending){.outcome = outcome,
                                   .price = position->price,
                                   .quantity = position->quantity,
                                   .fee_usd = position->fee_usd};
    settle_mark(&task->order, outcome, task->mark);
    settle_open_command(&desk->scripts.open, desk->settings, &task->order, &opening, &command);
    task_call(task, &desk->scripts.open, &command, on_settled);
}

static double profit_of(const struct task *task, double price)
{
    double profit = 0;

    for (size_t i = 0; i < task->look.position_count; i++)
        profit += position_profit(&task->look.positions[i], price);
    return profit;
}

void task_settle_close(struct task *task, enum outcome outcome, const struct result *result)
{
    struct desk *desk = task->desk;
    const struct closing closing = {
        .outcome = outcome,
        .positions = task->look.positions,
        .texts = task->look.texts,
        .count = task->look.position_count,
        .result = *result,
        .deadline_ms = deadline_ms(task),
        .now_ms = task_now_ms(task),
    };
    struct command command;

    task->ending = (struct ending){.outcome = outcome,
                                   .price = result->price,
                                   .quantity = result->quantity,
                                   .fee_usd = result->fee_usd,
                                   .profit_usd = profit_of(task, result->price)};
    settle_mark(&task->order, outcome, task->mark);
    settle_close_command(&desk->scripts.close, desk->settings, &task->order, &closing, &command);
    task_call(task, &desk->scripts.close, &command, on_settled);
}

/* --- what settling said */

/* An adapter's stream that cannot be written to is a venue that does not answer. */
static bool is_the_venues(const struct task *task, const char *complaint)
{
    const struct executor_settings *settings = task->desk->settings;

    return settings->venue == VENUE_STREAM && strstr(complaint, settings->keys.orders) != NULL;
}

/* The world is not as it was seen: whatever was found by it, is looked for once more. */
static void put_back(struct task *task)
{
    if (task->rule == RULE_FUTURE)
        task->rule = RULE_NONE;
    desk_put_back(task, 0);
}

static void not_settled(struct task *task, const struct settled *settled)
{
    if (settled->kind == SETTLEMENT_ENDS)
        task_end(task, settled->outcome);
    else if (settled->kind == SETTLEMENT_HELD)
        desk_tell_held(task);
    else if (settled->kind == SETTLEMENT_MOVED)
        put_back(task);
    else if (is_the_venues(task, settled->what))
        task_fail(task, settled->what);
    else
        desk_refuse(task, settled->what);
}

static void on_settled(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct settled settled;

    if (!reply)
        return;
    settle_read(reply, &settled);
    if (settled.kind == SETTLEMENT_DONE) {
        tell_ended(task, settled.positions);
        desk_finish(task);
    } else if (settled.kind == SETTLEMENT_ELSEWHERE) {
        desk_finish_elsewhere(task);
    } else {
        not_settled(task, &settled);
    }
}

/* Pending no more, and the mark is ours: it ran. Pending, it may still arrive, and is asked for
 * once more when the entry, which is read again, turns out to be settled. */
static void on_recalled(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct look look;

    if (!reply)
        return;
    if (!look_read(reply, &task->order, &look)) {
        desk_finish(task);
        return;
    }
    bool is_ours = !task->mark[0] || strcmp(look.mark, task->mark) == 0;
    look_release(&look);
    if (look.pending)
        return;
    if (!is_ours) {
        desk_finish_elsewhere(task);
        return;
    }
    tell_ended(task, look.world.positions);
    desk_finish(task);
}

void task_recall(struct task *task)
{
    task_look(task, on_recalled);
}
