/* SPDX-License-Identifier: MIT */
#include "executor/act/task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "executor/decide/venue.h"

struct task *task_new(const struct task_kit *kit, const struct order *order, enum rule rule)
{
    struct task *task = memory_new(sizeof *task);

    task->kit = kit;
    task->order = *order;
    task->rule = rule;
    task->added_ms = monotonic_ms();
    task->turn = (struct turn){.task = task, .order = &task->order, .is_sound = rule == RULE_NONE};
    return task;
}

void task_free(struct task *task)
{
    executor_look_release(&task->look);
    free(task);
}

static void set_state(struct task *task, enum task_state state)
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

static void say(struct task *task, enum task_word word, const char *why)
{
    task->kit->said(task->kit->owner, task, word, why);
}

/* Whatever was found of the world, is looked for once more. */
static void put_back(struct task *task, enum task_word word, const char *why)
{
    set_state(task, TASK_WAITING);
    if (task->rule == RULE_FUTURE)
        task->rule = RULE_NONE;
    task->asked = false;
    say(task, word, why);
}

/* A call that cannot be sent has no answer: the connection is gone, and the owner hears of it. */
static void call(struct task *task, const struct script *script, struct command *command,
                 link_reply_fn *on_reply)
{
    struct link *link = task->kit->link;

    (void)!script_call(script, link, command, link_reply_timeout_ms(link), on_reply, task);
    link_flush(link);
}

static int64_t now_ms(const struct task *task)
{
    return redis_clock_now(task->kit->clock);
}

/* Redis did not do it: for the sake of the symbol's keys, or of all. */
static void refused(struct task *task, const redisReply *reply)
{
    const char *fault = executor_look_fault(reply);

    put_back(task, fault ? TASK_FAULTY : TASK_REFUSED, fault ? fault : reply_complaint(reply));
}

/* --- how it ends */

static void on_settled(void *data, const redisReply *reply);

static void tell_ended(struct task *task, int64_t positions)
{
    task->ending.order = &task->order;
    task->ending.rule = task->rule;
    task->ending.begun = task->begun;
    task->ending.note = task->note;
    task->ending.positions = positions;
    task->ending.seconds = (double)(monotonic_ms() - task->added_ms) / 1000.0;
    task->ending.age_seconds = (double)(now_ms(task) - task->order.timestamp_ms) / 1000.0;
    say(task, TASK_ENDED, NULL);
}

/* What a dead letter tells; the script puts the entry's own fields to it. */
static struct dead_letter_cause dead_letter_of(const struct task *task, enum outcome outcome)
{
    bool is_invalid = outcome == OUTCOME_INVALID;
    bool is_ahead = is_invalid && task->rule == RULE_FUTURE;

    return (struct dead_letter_cause){
        .reason = is_invalid ? rule_name(task->rule) : outcome_reason(outcome),
        .note = is_invalid ? "" : task->note,
        .begun = task->begun,
        .before_ms =
            is_ahead ? task->order.timestamp_ms - task->kit->settings->guards.future_max_ms : 0,
    };
}

static void settle_end(struct task *task, enum outcome outcome)
{
    const struct task_kit *kit = task->kit;
    struct result result = result_of(&task->order, outcome, now_ms(task));
    bool is_dead = outcome == OUTCOME_INVALID || outcome == OUTCOME_BEGUN_TOO_OFTEN;
    struct dead_letter_cause dead_letter = dead_letter_of(task, outcome);
    char reason[64];
    struct command command;

    set_state(task, TASK_SETTLING);
    if (outcome == OUTCOME_INVALID) {
        (void)snprintf(reason, sizeof reason, "invalid_%s", rule_name(task->rule));
        result.reason = reason;
    }
    task->ending = (struct ending){.outcome = outcome};
    settle_end_mark(&result, task->mark);
    settle_end_command(&kit->end, kit->settings, &task->order, &result, outcome != OUTCOME_INVALID,
                       is_dead ? &dead_letter : NULL, &command);
    if (outcome == OUTCOME_INVALID || outcome == OUTCOME_DUPLICATE)
        task->mark[0] = '\0';
    call(task, &kit->end, &command, on_settled);
}

/* Stale ones may come by the million: they get no script of their own. */
static void end(struct task *task, enum outcome outcome)
{
    if (outcome == OUTCOME_STALE) {
        say(task, TASK_STALE, NULL);
        return;
    }
    if (outcome == OUTCOME_INVALID)
        task->rule = RULE_FUTURE;
    settle_end(task, outcome);
}

static int64_t deadline_ms(const struct task *task)
{
    return guards_deadline_ms(&task->kit->settings->guards, &task->order,
                              task->look.world.resumed_ms);
}

static void settle_open(struct task *task, const struct venue_answer *answer,
                        const struct position *position)
{
    const struct task_kit *kit = task->kit;
    const struct opening opening = {
        .outcome = answer->outcome,
        .position = position,
        .price_source = answer->price_source,
        .deadline_ms = deadline_ms(task),
        .now_ms = now_ms(task),
    };
    struct command command;

    task->ending = (struct ending){.outcome = answer->outcome,
                                   .price = position->price,
                                   .quantity = position->quantity,
                                   .fee_usd = position->fee_usd};
    settle_mark(&task->order, answer->outcome, task->mark);
    settle_open_command(&kit->open, kit->settings, &task->order, &opening, &command);
    call(task, &kit->open, &command, on_settled);
}

static void settle_close(struct task *task, enum outcome outcome, const struct result *result)
{
    const struct task_kit *kit = task->kit;
    const struct closing closing = {
        .outcome = outcome,
        .positions = task->look.positions,
        .texts = task->look.texts,
        .count = task->look.position_count,
        .result = *result,
        .deadline_ms = deadline_ms(task),
        .now_ms = now_ms(task),
    };
    struct command command;

    task->ending = (struct ending){.outcome = outcome,
                                   .price = result->price,
                                   .quantity = result->quantity,
                                   .fee_usd = result->fee_usd,
                                   .has_profit = result->has_profit,
                                   .profit_usd = result->profit_usd};
    settle_mark(&task->order, outcome, task->mark);
    settle_close_command(&kit->close, kit->settings, &task->order, &closing, &command);
    call(task, &kit->close, &command, on_settled);
}

/* --- the beginning: counted before the venue is asked, and taken back when nothing came of it that
 * was the intent's doing */

struct beginning {
    bool is_gone;   /* the entry is pending no more */
    int64_t count;  /* of beginnings that did not end, this one included */
    char note[128]; /* how the one before ended */
};

static void add_begun_key(const struct executor_settings *settings, const struct order *order,
                          struct command *command)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(order->id, id);
    command_add_format(command, "%s%s", settings->keys.begun, id);
}

static void begin_command(const struct script *script, const struct executor_settings *settings,
                          const struct order *order, struct command *ret_command)
{
    script_command(script, 2, ret_command);
    command_add(ret_command, settings->keys.intents);
    add_begun_key(settings, order, ret_command);
    command_add(ret_command, settings->keys.group);
    command_add_id(ret_command, order->id);
    command_add_int(ret_command, executor_mark_sec(settings, order));
}

static void begin_fail_command(const struct script *script,
                               const struct executor_settings *settings, const struct order *order,
                               const char *why, struct command *ret_command)
{
    script_command(script, 1, ret_command);
    add_begun_key(settings, order, ret_command);
    command_add(ret_command, why);
}

/* 'begun', count, note; or 'gone'. */
static bool read_beginning(const redisReply *reply, struct beginning *ret_beginning)
{
    const redisReply *word = reply_element(reply, 0);
    struct beginning beginning = {.is_gone = reply_is_text(word, "gone")};

    if (!beginning.is_gone && (!reply_is_text(word, "begun") ||
                               !reply_read_integer(reply_element(reply, 1), &beginning.count)))
        return false;
    if (!reply_copy_text(reply_element(reply, 2), beginning.note, sizeof beginning.note) ||
        !beginning.note[0])
        (void)snprintf(beginning.note, sizeof beginning.note, "it was cut short");
    *ret_beginning = beginning;
    return true;
}

/* --- the venue */

static void on_failed(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

/* Nothing waits for this answer: if it is lost, the beginning counts. */
static void take_back_beginning(const struct task *task, const char *why)
{
    const struct task_kit *kit = task->kit;
    struct command command;

    begin_fail_command(&kit->fail, kit->settings, &task->order, why, &command);
    (void)!script_call(&kit->fail, kit->link, &command, link_reply_timeout_ms(kit->link), on_failed,
                       NULL);
    link_flush(kit->link);
}

void task_abandon(struct task *task)
{
    if (task->state == TASK_AT_VENUE)
        take_back_beginning(task, "it was stopped");
}

/* Nothing came of it, and that was not the intent's doing. */
static void fail(struct task *task, enum task_word word, const char *why)
{
    take_back_beginning(task, why);
    (void)snprintf(task->note, sizeof task->note, "%.127s", why);
    put_back(task, word, why);
}

static void conclude(struct task *task)
{
    const struct executor_settings *settings = task->kit->settings;
    struct venue_answer answer;
    struct position position;
    struct result result;
    const struct market market = executor_look_market(&task->look);

    if (task->order.closes)
        answer = venue_close(&settings->venue, &task->order, &market, now_ms(task), &result);
    else
        answer = venue_open(&settings->venue, &task->order, &market, now_ms(task), &position);
    if (answer.says == VENUE_FAILS) {
        fail(task, TASK_FAULTY, answer.why);
    } else if (answer.says == VENUE_REJECTS) {
        settle_end(task, answer.outcome);
    } else {
        set_state(task, TASK_SETTLING);
        if (task->order.closes)
            settle_close(task, answer.outcome, &result);
        else
            settle_open(task, &answer, &position);
    }
}

void task_answer(struct task *task)
{
    assert(task->state == TASK_AT_VENUE);
    conclude(task);
}

static void ask_venue(struct task *task)
{
    const struct executor_settings *settings = task->kit->settings;

    set_state(task, TASK_AT_VENUE);
    task->asked = true;
    task->answer_ms = monotonic_ms();
    if (settings->venue.kind == VENUE_PAPER)
        task->answer_ms += (uint64_t)settings->latency_ms;
    if (task->kit->stopping)
        task_abandon(task);
    say(task, TASK_AT_VENUE_UNTIL, NULL);
}

static void on_begun(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct beginning beginning;

    if (!reply)
        return;
    if (!read_beginning(reply, &beginning)) {
        refused(task, reply);
        return;
    }
    task->begun = beginning.count;
    memcpy(task->note, beginning.note, sizeof task->note);
    if (beginning.is_gone)
        say(task, TASK_ELSEWHERE, NULL);
    else if (task->begun > task->kit->settings->begun_max)
        settle_end(task, OUTCOME_BEGUN_TOO_OFTEN);
    else
        ask_venue(task);
}

static void begin(struct task *task)
{
    const struct task_kit *kit = task->kit;
    struct command command;

    if (kit->settings->venue.kind == VENUE_SAFE_DRAIN) {
        conclude(task);
        return;
    }
    set_state(task, TASK_BEGINNING);
    begin_command(&kit->begin, kit->settings, &task->order, &command);
    call(task, &kit->begin, &command, on_begun);
}

/* --- the look */

/* There is something to close, and none of it can be: to say that nothing is open would lose the
 * exit. */
static bool is_stuck(const struct task *task)
{
    return task->order.closes && task->look.position_count == 0;
}

static void rest_beside_unreadable(struct task *task)
{
    char why[160];

    (void)snprintf(why, sizeof why, "position %s in %.64s cannot be read", task->look.unreadable,
                   task->kit->settings->keys.positions);
    put_back(task, TASK_FAULTY, why);
}

static void judge(struct task *task)
{
    struct guarded guarded =
        guards_ask(&task->kit->settings->guards, &task->order, &task->look.world);

    if (task->kit->stopping)
        put_back(task, TASK_MOVED, NULL);
    else if (guarded.verdict == GUARD_HOLD)
        put_back(task, TASK_HELD, NULL);
    else if (guarded.verdict == GUARD_END)
        end(task, guarded.outcome);
    else if (is_stuck(task))
        rest_beside_unreadable(task);
    else
        begin(task);
}

static void on_looked(void *data, const redisReply *reply)
{
    struct task *task = data;

    if (!reply)
        return;
    executor_look_release(&task->look);
    if (!executor_look_read(reply, &task->order, &task->look)) {
        refused(task, reply);
        return;
    }
    redis_clock_set(task->kit->clock, task->look.world.now_ms);
    if (!task->look.pending)
        say(task, TASK_ELSEWHERE, NULL);
    else
        judge(task);
}

static void look(struct task *task, link_reply_fn *on_reply)
{
    struct command command;

    executor_look_command(&task->kit->look, task->kit->settings, &task->order, &command);
    call(task, &task->kit->look, &command, on_reply);
}

void task_start(struct task *task)
{
    if (task->rule != RULE_NONE) {
        settle_end(task, OUTCOME_INVALID);
        return;
    }
    set_state(task, TASK_LOOKING);
    look(task, on_looked);
}

/* --- what settling said */

/* An adapter's stream that cannot be written to is a venue that does not answer. */
static bool is_the_venues(const struct task *task, const char *complaint)
{
    const struct executor_settings *settings = task->kit->settings;

    return settings->venue.kind == VENUE_STREAM && strstr(complaint, settings->keys.orders) != NULL;
}

static void not_settled(struct task *task, const struct settled *settled)
{
    if (settled->kind == SETTLEMENT_ENDS)
        end(task, settled->outcome);
    else if (settled->kind == SETTLEMENT_HELD)
        put_back(task, TASK_HELD, NULL);
    else if (settled->kind == SETTLEMENT_MOVED)
        put_back(task, TASK_MOVED, NULL);
    else if (settled->kind == SETTLEMENT_FAULTY)
        put_back(task, TASK_FAULTY, settled->what);
    else if (is_the_venues(task, settled->what))
        fail(task, TASK_UNANSWERED, settled->what);
    else
        put_back(task, TASK_REFUSED, settled->what);
}

static void on_settled(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct settled settled;

    if (!reply)
        return;
    settle_read(reply, &settled);
    if (settled.kind == SETTLEMENT_DONE)
        tell_ended(task, settled.positions);
    else if (settled.kind == SETTLEMENT_ELSEWHERE)
        say(task, TASK_ELSEWHERE, NULL);
    else
        not_settled(task, &settled);
}

/* Pending no more, and the mark is ours: it ran. Pending, it may still arrive, and is asked for
 * once more when the entry, which is read again, turns out to be settled. */
static void on_recalled(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct executor_look seen;

    if (!reply)
        return;
    if (!executor_look_read(reply, &task->order, &seen)) {
        say(task, TASK_FORGOTTEN, NULL);
        return;
    }
    bool is_ours = !task->mark[0] || strcmp(seen.mark, task->mark) == 0;
    executor_look_release(&seen);
    if (seen.pending)
        return;
    if (is_ours)
        tell_ended(task, seen.world.positions);
    else
        say(task, TASK_ELSEWHERE, NULL);
}

void task_recall(struct task *task)
{
    look(task, on_recalled);
}
