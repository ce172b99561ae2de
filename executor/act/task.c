/* SPDX-License-Identifier: MIT */
#include "executor/act/task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "executor/act/beginning.h"
#include "executor/act/executor_fact.h"
#include "executor/act/held_key.h"
#include "executor/act/intent_keys.h"
#include "executor/act/replicas.h"

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

static void on_taken_back(void *data, const redisReply *reply)
{
    (void)data;
    (void)reply;
}

/* Nothing waits for this answer: if it is lost, the beginning counts. */
static void take_back_beginning(struct task *task, const char *why)
{
    struct office *office = task->kit->office;
    struct command command;

    task->has_begun = false;
    beginning_fail_command(office, &task->order, why, &command);
    (void)!office_call(office, SCRIPT_FAIL, &command, on_taken_back, NULL);
    link_flush(office->link);
}

/* It looks at the world once more when its turn comes. Whatever the cause, it is none of the
 * intent's doing, so that no beginning is held against it. */
static void put_back(struct task *task, enum task_word word, const char *why)
{
    if (task->has_begun)
        take_back_beginning(task, why);
    set_state(task, TASK_WAITING);
    if (task->rule == RULE_FUTURE)
        task->rule = RULE_NONE;
    task->asked = false;
    say(task, word, why);
}

/* A call that cannot be sent has no answer: the connection is gone, and the owner hears of it. */
static void call(struct task *task, enum executor_script script, struct command *command,
                 link_reply_fn *on_reply)
{
    (void)!office_call(task->kit->office, script, command, on_reply, task);
    link_flush(task->kit->office->link);
}

static int64_t now_ms(const struct task *task)
{
    return redis_clock_now(&task->kit->office->clock);
}

static const struct executor_settings *settings_of(const struct task *task)
{
    return task->kit->office->settings;
}

/* Redis did not do it: because of a key of the symbol or intent, or for all. */
static void refused(struct task *task, const redisReply *reply)
{
    const char *fault = intent_keys_fault(reply);

    put_back(task, fault ? TASK_FAULTY : TASK_REFUSED, fault ? fault : reply_complaint(reply));
}

/* --- how it ends */

static void on_executed(void *data, const redisReply *reply);
static void on_settle_answer(void *data, const redisReply *reply);

static void tell_ended(struct task *task, int64_t positions)
{
    task->ending.positions = positions;
    task->ending.seconds = (double)(monotonic_ms() - task->added_ms) / 1000.0;
    task->ending.age_seconds = (double)(now_ms(task) - task->order.timestamp_ms) / 1000.0;
    say(task, TASK_ENDED, NULL);
}

/* The mark that a duplicate finds is not its own. */
static void will_end(struct task *task, enum outcome outcome, const struct result *result)
{
    set_state(task, TASK_SETTLING);
    task->result = *result;
    task->ending = (struct ending){.order = &task->order,
                                   .outcome = outcome,
                                   .rule = task->rule,
                                   .begun = task->begun,
                                   .note = task->note,
                                   .result = &task->result};
    settle_mark(&task->order, outcome, task->mark);
    if (!settle_marks(outcome) || outcome == OUTCOME_DUPLICATE)
        task->mark[0] = '\0';
}

static struct dead_letter_cause dead_letter_of(const struct task *task, enum outcome outcome)
{
    bool is_invalid = outcome == OUTCOME_INVALID;
    bool is_ahead = is_invalid && task->rule == RULE_FUTURE;

    return (struct dead_letter_cause){
        .reason = is_invalid ? rule_name(task->rule) : outcome_reason(outcome),
        .note = is_invalid ? "" : task->note,
        .begun = task->begun,
        .before_ms =
            is_ahead ? task->order.timestamp_ms - settings_of(task)->guards.future_max_ms : 0,
    };
}

static void decline(struct task *task, enum outcome outcome)
{
    struct result result = result_of(&task->order, outcome, now_ms(task));
    struct dead_letter_cause dead_letter = dead_letter_of(task, outcome);
    struct command command;

    if (outcome == OUTCOME_INVALID) {
        (void)snprintf(task->reason, sizeof task->reason, "invalid_%s", rule_name(task->rule));
        result.reason = task->reason;
    }
    will_end(task, outcome, &result);
    settle_decline_command(task->kit->office, &task->order, outcome, &result,
                           outcome_is_dead_letter(outcome) ? &dead_letter : NULL, &command);
    call(task, SCRIPT_DECLINE, &command, on_settle_answer);
}

/* A guard ends it. Stale ones may come by the million: they get no script of their own. */
static void end(struct task *task, enum outcome outcome)
{
    if (outcome == OUTCOME_STALE) {
        say(task, TASK_STALE, NULL);
        return;
    }
    if (outcome == OUTCOME_INVALID)
        task->rule = RULE_FUTURE;
    decline(task, outcome);
}

static void execute(struct task *task, const struct venue_answer *does)
{
    const struct office *office = task->kit->office;
    int64_t deadline_ms =
        guards_deadline_ms(&office->settings->guards, &task->order, task->look.world.resumed_ms);
    struct command command;

    will_end(task, does->outcome, &does->result);
    if (task->order.closes)
        settle_close_command(office, &task->order, does, &task->look, deadline_ms, &command);
    else
        settle_open_command(office, &task->order, does, deadline_ms, &command);
    call(task, task->order.closes ? SCRIPT_CLOSE : SCRIPT_OPEN, &command, on_executed);
}

/* --- the venue */

void task_abandon(struct task *task)
{
    if (task->has_begun && task->state <= TASK_AT_VENUE)
        take_back_beginning(task, "it was stopped");
}

static void conclude(struct task *task)
{
    const struct market market = executor_look_market(&task->look);
    struct venue_answer answer =
        venue_ask(&settings_of(task)->venue, &task->order, &market, now_ms(task));

    switch (answer.says) {
    case VENUE_DOES:
        execute(task, &answer);
        break;
    case VENUE_REJECTS:
        decline(task, answer.outcome);
        break;
    case VENUE_FAILS:
        put_back(task, TASK_FAULTY, answer.why);
        break;
    }
}

void task_answer_due(struct task *task)
{
    assert(task->state == TASK_AT_VENUE);
    conclude(task);
}

static void ask_venue(struct task *task)
{
    const struct executor_settings *settings = settings_of(task);

    set_state(task, TASK_AT_VENUE);
    task->asked = true;
    task->answer_ms = monotonic_ms();
    if (settings->venue.kind == VENUE_PAPER)
        task->answer_ms += (uint64_t)settings->latency_ms;
    if (task->kit->stopping)
        task_abandon(task);
    say(task, TASK_UNDER_WAY, NULL);
}

/* The beginning is taken back where it does not go on. */
static void on_replicated(void *data, const char *complaint)
{
    struct task *task = data;

    if (complaint)
        put_back(task, TASK_REFUSED, complaint);
    else
        ask_venue(task);
}

static void on_begun(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct beginning beginning;

    if (!reply)
        return;
    if (!beginning_read(reply, &beginning)) {
        refused(task, reply);
        return;
    }
    task->has_begun = !beginning.is_gone;
    task->begun = beginning.count;
    memcpy(task->note, beginning.note, sizeof task->note);
    if (beginning.is_gone)
        say(task, TASK_ELSEWHERE, NULL);
    else if (task->kit->stopping)
        put_back(task, TASK_MOVED, "it was stopped");
    else if (task->begun > settings_of(task)->begun_max)
        decline(task, OUTCOME_BEGUN_TOO_OFTEN);
    else
        replicas_ask(task->kit->office->replicas, on_replicated, task);
}

static void begin(struct task *task)
{
    struct command command;

    if (settings_of(task)->venue.kind == VENUE_SAFE_DRAIN) {
        conclude(task);
        return;
    }
    set_state(task, TASK_BEGINNING);
    beginning_command(task->kit->office, &task->order, &command);
    call(task, SCRIPT_BEGIN, &command, on_begun);
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

    (void)snprintf(why, sizeof why, "position %s in %.64s cannot be read", task->look.unreadable.id,
                   settings_of(task)->keys.positions);
    put_back(task, TASK_FAULTY, why);
}

static void judge(struct task *task)
{
    struct guarded guarded =
        guards_ask(&settings_of(task)->guards, &task->order, &task->look.world);

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
    redis_clock_set(&task->kit->office->clock, task->look.world.now_ms);
    if (!task->look.pending)
        say(task, TASK_ELSEWHERE, NULL);
    else
        judge(task);
}

static void look(struct task *task, link_reply_fn *on_reply)
{
    struct command command;

    executor_look_command(task->kit->office, &task->order, &command);
    call(task, SCRIPT_LOOK, &command, on_reply);
}

void task_start(struct task *task)
{
    if (task->rule != RULE_NONE) {
        decline(task, OUTCOME_INVALID);
        return;
    }
    set_state(task, TASK_LOOKING);
    look(task, on_looked);
}

/* --- what settling said */

/* An adapter's stream that cannot be written to is a venue that does not answer. */
static bool is_the_venues(const struct task *task, const char *complaint)
{
    const struct executor_settings *settings = settings_of(task);

    return settings->venue.kind == VENUE_STREAM && strstr(complaint, settings->keys.orders) != NULL;
}

static void on_settle_refused(struct task *task, const char *complaint)
{
    put_back(task, is_the_venues(task, complaint) ? TASK_UNANSWERED : TASK_REFUSED, complaint);
}

/* An exit closes what it can read; what stays beside that is told. */
static void tell_unreadable(const struct task *task)
{
    if (task->order.closes && task->look.unreadable.count > 0)
        executor_tell(
            task->kit->office->observer,
            (struct executor_fact){FACT_UNREADABLE, .unreadable = &task->look.unreadable});
}

static void on_settle_answer(void *data, const redisReply *reply)
{
    struct task *task = data;
    struct settle_answer answer;

    if (!reply)
        return;
    settle_read(reply, &answer);
    switch (answer.says) {
    case SETTLE_DONE:
        tell_unreadable(task);
        tell_ended(task, answer.positions);
        break;
    case SETTLE_GONE:
        say(task, TASK_ELSEWHERE, NULL);
        break;
    case SETTLE_HOLDS:
        put_back(task, TASK_HELD, "a hold began");
        break;
    case SETTLE_MOVED:
        put_back(task, TASK_MOVED, "what it saw has changed");
        break;
    case SETTLE_ENDS:
        end(task, answer.outcome);
        break;
    case SETTLE_FAULTY:
        put_back(task, TASK_FAULTY, answer.what);
        break;
    case SETTLE_REFUSED:
        on_settle_refused(task, answer.what);
        break;
    }
}

static void on_executed(void *data, const redisReply *reply)
{
    struct task *task = data;

    if (held_key_refused(task->kit->office, reply))
        put_back(task, TASK_MOVED, "what is held cannot be kept");
    else
        on_settle_answer(data, reply);
}

/* Pending no more, and the mark is ours: the script ran. Still pending: the script may yet arrive.
 * The entry is read again, and when it turns out to be settled, this task is recalled once more. */
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
