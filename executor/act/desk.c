/* SPDX-License-Identifier: MIT */
#include "executor/act/desk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/monotonic.h"
#include "executor/act/executor_fact.h"

static void on_timer(uv_timer_t *timer);
static void on_said(void *owner, struct task *task, enum task_word word, const char *why);

void desk_init(struct desk *desk, uv_loop_t *loop, struct office *office,
               const struct desk_events *events, void *owner)
{
    *desk = (struct desk){
        .events = events,
        .owner = owner,
        .kit = {.office = office, .said = on_said, .owner = desk},
    };
    (void)uv_timer_init(loop, &desk->timer);
    desk->timer.data = desk;
}

static const struct executor_settings *settings_of(const struct desk *desk)
{
    return desk->kit.office->settings;
}

static void tell(const struct desk *desk, struct executor_fact fact)
{
    executor_tell(desk->kit.office->observer, fact);
}

/* --- what comes to hand */

static size_t room(const struct desk *desk)
{
    return (size_t)settings_of(desk)->read_count;
}

bool desk_has(const struct desk *desk, struct stream_id id)
{
    return turns_find(&desk->turns, id) != NULL;
}

/* A page is read when there is room for one, and taken whole. */
enum turns_answer desk_offer(struct desk *desk, const struct order *order, enum rule rule)
{
    enum turns_answer answer = turns_ask(&desk->turns, order, rule == RULE_NONE, 2 * room(desk));

    if (answer == TURNS_TAKES)
        turns_add(&desk->turns, &task_new(&desk->kit, order, rule)->turn);
    return answer;
}

/* HALF_OPEN, it reads until one in hand is the probe; else none would ever come. */
static bool breaker_allows(const struct desk *desk)
{
    switch (desk->breaker.state) {
    case BREAKER_OPEN:
        return false;
    case BREAKER_HALF_OPEN:
        return desk->turns.led == 0;
    case BREAKER_CLOSED:
        break;
    }
    return true;
}

bool desk_reads(const struct desk *desk)
{
    return breaker_allows(desk) && turns_have_room_for_exits(&desk->turns, room(desk));
}

bool desk_has_room(const struct desk *desk)
{
    return breaker_allows(desk) && turns_have_room(&desk->turns, room(desk));
}

bool desk_holds(const struct desk *desk)
{
    return desk->turns.held;
}

static void remove_task(struct desk *desk, struct task *task)
{
    bool has_left = task->turn.has_left;
    struct stream_id left = task->turn.left;

    turns_remove(&desk->turns, &task->turn);
    task_free(task);
    if (has_left)
        desk->events->again(desk->owner, left);
}

/* --- those that were cut off */

static struct task *find_lost(const struct desk *desk, struct stream_id id)
{
    struct task *lost = desk->lost;

    while (lost && stream_id_compare(lost->order.id, id) != 0)
        lost = lost->next_lost;
    return lost;
}

static void forget_lost(struct desk *desk, struct task *lost)
{
    struct task **at = &desk->lost;

    if (!lost)
        return;
    while (*at != lost) {
        assert(*at && "it is in the list");
        at = &(*at)->next_lost;
    }
    *at = lost->next_lost;
    task_free(lost);
}

static void lose(struct desk *desk, struct task *task)
{
    struct task **at = &desk->lost;

    forget_lost(desk, find_lost(desk, task->order.id));
    while (*at)
        at = &(*at)->next_lost;
    *at = task;
}

/* --- leading on */

/* HALF_OPEN, one is asked as a probe. */
static size_t places(const struct desk *desk)
{
    switch (desk->breaker.state) {
    case BREAKER_OPEN:
        return 0;
    case BREAKER_HALF_OPEN:
        return 1;
    case BREAKER_CLOSED:
        break;
    }
    return (size_t)settings_of(desk)->concurrency;
}

static void earlier(uint64_t *due_ms, uint64_t candidate_ms)
{
    if (candidate_ms < *due_ms)
        *due_ms = candidate_ms;
}

static struct task *at_venue(const struct turn *turn)
{
    struct task *task = turn->task;

    return task->state == TASK_AT_VENUE ? task : NULL;
}

static void set_timer(struct desk *desk, uint64_t now_ms)
{
    uint64_t due_ms = turns_due_ms(&desk->turns, now_ms);

    for (const struct turn *turn = desk->turns.first; turn; turn = turn->next)
        if (at_venue(turn))
            earlier(&due_ms, at_venue(turn)->answer_ms);
    if (desk->breaker.state == BREAKER_OPEN)
        earlier(&due_ms, desk->breaker.until_ms);
    if (desk->rest_until_ms > now_ms)
        earlier(&due_ms, desk->rest_until_ms);
    if (due_ms == UINT64_MAX) {
        (void)uv_timer_stop(&desk->timer);
        return;
    }
    uv_update_time(desk->timer.loop);
    (void)uv_timer_start(&desk->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void tell_breaker(const struct desk *desk)
{
    tell(desk, (struct executor_fact){FACT_BREAKER, .breaker = &desk->breaker});
}

void desk_dispatch(struct desk *desk)
{
    uint64_t now_ms = monotonic_ms();
    struct turn *turn;

    if (!desk->open || desk->kit.stopping)
        return;
    if (breaker_tick(&desk->breaker, now_ms))
        tell_breaker(desk);
    while (desk->turns.led < places(desk) && desk->rest_until_ms <= now_ms &&
           (turn = turns_next(&desk->turns, now_ms)) != NULL)
        task_start(turn->task);
    set_timer(desk, now_ms);
}

/* One at a time, because an answer may change the list. */
static struct task *next_answer_due(const struct desk *desk, uint64_t now_ms)
{
    for (const struct turn *turn = desk->turns.first; turn; turn = turn->next)
        if (at_venue(turn) && at_venue(turn)->answer_ms <= now_ms)
            return turn->task;
    return NULL;
}

static void on_timer(uv_timer_t *timer)
{
    struct desk *desk = timer->data;
    uint64_t now_ms = monotonic_ms();
    struct task *task;

    while (desk->open && !desk->kit.stopping && (task = next_answer_due(desk, now_ms)) != NULL)
        task_answer_due(task);
    desk_dispatch(desk);
    desk->events->room(desk->owner);
}

/* --- what a task says */

/* A stop waits for the answer to what settles, and to what begins, which is taken back then. */
static bool awaits_answer(const struct desk *desk)
{
    for (const struct turn *turn = desk->turns.first; turn; turn = turn->next) {
        const struct task *task = turn->task;
        if (task->state == TASK_SETTLING || (task->state == TASK_BEGINNING && !task->has_begun))
            return true;
    }
    return false;
}

static void go_on(struct desk *desk)
{
    if (desk->kit.stopping) {
        if (!awaits_answer(desk))
            desk->events->idle(desk->owner);
        return;
    }
    desk_dispatch(desk);
    desk->events->room(desk->owner);
}

/* Redis has answered, and so has the venue if it was asked. */
static void note_answer(struct desk *desk, const struct task *task)
{
    if (task->state != TASK_SETTLING)
        return;
    tell(desk, (struct executor_fact){.kind = FACT_ACCEPTED});
    if (task->asked && breaker_answer(&desk->breaker))
        tell_breaker(desk);
}

static void leave(struct desk *desk, struct task *task)
{
    note_answer(desk, task);
    remove_task(desk, task);
    go_on(desk);
}

static void finish(struct desk *desk, struct task *task)
{
    struct task *lost = find_lost(desk, task->order.id);
    bool was_lost = lost == task;

    forget_lost(desk, lost);
    if (!was_lost)
        leave(desk, task);
}

/* An exit that was settled by this very entry supersedes the openings before it. */
static bool supersedes(const struct ending *ending)
{
    return ending->order->closes && ending->outcome != OUTCOME_DUPLICATE &&
           ending->outcome != OUTCOME_INVALID;
}

static void on_ended(struct desk *desk, struct task *task)
{
    bool others_may_come = supersedes(&task->ending) && turns_exit(&desk->turns, &task->order);

    desk->events->ended(desk->owner, &task->ending);
    if (others_may_come)
        desk->events->again(desk->owner, (struct stream_id){0});
    finish(desk, task);
}

/* It may have been our own settling, on its way since an earlier connection: its mark tells. */
static void on_elsewhere(struct desk *desk, struct task *task)
{
    struct task *lost = find_lost(desk, task->order.id);

    if (lost && lost != task) {
        task_recall(lost);
        leave(desk, task);
        return;
    }
    tell(desk, (struct executor_fact){FACT_ELSEWHERE, .elsewhere = &task->order});
    finish(desk, task);
}

static void on_faulty(struct desk *desk, struct task *task, const char *why)
{
    struct turn *turn = &task->turn;
    bool is_told = turn->pause_ms > 0 && strcmp(task->fault, why) == 0;

    turns_rest(&desk->turns, turn, monotonic_ms());
    for (struct turn *left; (left = turns_leave_behind(&desk->turns, turn)) != NULL;)
        task_free(left->task);
    (void)snprintf(task->fault, sizeof task->fault, "%s", why);
    if (!is_told)
        tell(desk, (struct executor_fact){FACT_FAULTY,
                                          .faulty = {&task->order, task->fault, turn->pause_ms}});
    go_on(desk);
}

/* All rest, and this one longer, because others may need other keys. The refusal may end the
 * session, and the task with it. */
static void on_refused(struct desk *desk, struct task *task, const char *complaint)
{
    uint64_t now_ms = monotonic_ms();

    desk->rest_until_ms = now_ms + EXECUTOR_RETRY_MS;
    turns_put_back(&desk->turns, &task->turn, now_ms + 2 * (uint64_t)EXECUTOR_RETRY_MS);
    desk->kit.office->refused(desk->kit.office->owner, complaint);
    if (desk->open)
        go_on(desk);
}

static void on_unanswered(struct desk *desk, struct task *task)
{
    uint64_t now_ms = monotonic_ms();

    if (breaker_fail(&desk->breaker, &settings_of(desk)->breaker, now_ms))
        tell_breaker(desk);
    turns_put_back(&desk->turns, &task->turn, now_ms + EXECUTOR_RETRY_MS);
    go_on(desk);
}

static void put_off_for_hold(struct desk *desk, struct task *task)
{
    remove_task(desk, task);
    desk->events->found_hold(desk->owner);
    go_on(desk);
}

static void on_said(void *owner, struct task *task, enum task_word word, const char *why)
{
    struct desk *desk = owner;

    switch (word) {
    case TASK_UNDER_WAY:
        desk_dispatch(desk);
        break;
    case TASK_ENDED:
        on_ended(desk, task);
        break;
    case TASK_STALE:
        desk->events->stale(desk->owner, &task->order);
        finish(desk, task);
        break;
    case TASK_ELSEWHERE:
        on_elsewhere(desk, task);
        break;
    case TASK_FORGOTTEN:
        finish(desk, task);
        break;
    case TASK_MOVED:
        turns_put_back(&desk->turns, &task->turn, 0);
        go_on(desk);
        break;
    case TASK_HELD:
        put_off_for_hold(desk, task);
        break;
    case TASK_FAULTY:
        on_faulty(desk, task, why);
        break;
    case TASK_UNANSWERED:
        on_unanswered(desk, task);
        break;
    case TASK_REFUSED:
        on_refused(desk, task, why);
        break;
    }
}

/* --- what the executor says */

void desk_hold(struct desk *desk)
{
    struct turn *next;

    turns_hold(&desk->turns);
    for (struct turn *turn = desk->turns.first; turn; turn = next) {
        next = turn->next;
        if (!turn->is_led && turns_keep(&desk->turns, turn))
            remove_task(desk, turn->task);
    }
}

void desk_release(struct desk *desk)
{
    turns_release(&desk->turns);
    desk->events->again(desk->owner, (struct stream_id){0});
    desk_dispatch(desk);
}

void desk_start(struct desk *desk)
{
    struct task *next;

    desk->open = true;
    for (struct task *task = desk->lost; task; task = next) {
        next = task->next_lost;
        task_recall(task);
    }
    desk_dispatch(desk);
}

void desk_lose(struct desk *desk)
{
    struct turn *next;

    desk->open = false;
    desk->rest_until_ms = 0;
    (void)uv_timer_stop(&desk->timer);
    for (struct turn *turn = desk->turns.first; turn; turn = next) {
        struct task *task = turn->task;
        next = turn->next;
        if (task->state == TASK_SETTLING)
            lose(desk, task);
        else
            task_free(task);
    }
    desk->turns = (struct turns){0};
}

void desk_stop(struct desk *desk)
{
    desk->kit.stopping = true;
    (void)uv_timer_stop(&desk->timer);
    for (struct turn *turn = desk->turns.first; turn; turn = turn->next)
        task_abandon(turn->task);
    if (!awaits_answer(desk))
        desk->events->idle(desk->owner);
}

void desk_close(struct desk *desk)
{
    uv_close((uv_handle_t *)&desk->timer, NULL);
}

void desk_deinit(struct desk *desk)
{
    while (desk->turns.first) {
        struct task *task = desk->turns.first->task;
        turns_remove(&desk->turns, &task->turn);
        task_free(task);
    }
    while (desk->lost)
        forget_lost(desk, desk->lost);
}
