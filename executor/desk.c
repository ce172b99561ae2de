/* SPDX-License-Identifier: MIT */
#include "executor/desk.h"

#include <assert.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "executor/scripts.h"
#include "executor/task.h"

static void on_timer(uv_timer_t *timer);

void desk_init(struct desk *desk, uv_loop_t *loop)
{
    desk->scripts = (struct desk_scripts){
        .look = {.source = look_lua},
        .begin = {.source = begin_lua},
        .fail = {.source = fail_lua},
        .open = {.source = open_lua},
        .close = {.source = close_lua},
        .end = {.source = end_lua},
    };
    (void)uv_timer_init(loop, &desk->timer);
    desk->timer.data = desk;
}

/* --- the list */

static void unlink_from(struct task **at, const struct task *task)
{
    while (*at != task) {
        assert(*at && "it is in the list");
        at = &(*at)->next;
    }
    *at = task->next;
}

static void append(struct task **at, struct task *task)
{
    while (*at)
        at = &(*at)->next;
    task->next = NULL;
    *at = task;
}

bool desk_has(const struct desk *desk, struct stream_id id)
{
    for (const struct task *task = desk->first; task; task = task->next)
        if (stream_id_compare(task->order.id, id) == 0)
            return true;
    return false;
}

void desk_add(struct desk *desk, const struct order *order, enum rule rule)
{
    struct task *task = memory_new(sizeof *task);

    task->desk = desk;
    task->order = *order;
    task->rule = rule;
    task->added_ms = monotonic_ms();
    append(&desk->first, task);
    desk->count++;
}

static struct task *find_lost(const struct desk *desk, struct stream_id id)
{
    struct task *lost = desk->lost;

    while (lost && stream_id_compare(lost->order.id, id) != 0)
        lost = lost->next;
    return lost;
}

static void forget_lost(struct desk *desk, struct stream_id id)
{
    struct task *lost = find_lost(desk, id);

    if (!lost)
        return;
    unlink_from(&desk->lost, lost);
    task_free(lost);
}

static void remove_task(struct task *task)
{
    struct desk *desk = task->desk;

    unlink_from(&desk->first, task);
    desk->count--;
    if (task->state != TASK_WAITING)
        desk->busy--;
    task_free(task);
}

/* --- whose turn it is */

static bool passes_hold(const struct task *task)
{
    return task->order.closes || task->rule != RULE_NONE;
}

static bool symbol_is_busy(const struct desk *desk, const struct task *task)
{
    if (task->rule != RULE_NONE)
        return false;
    for (const struct task *other = desk->first; other; other = other->next)
        if (other->state != TASK_WAITING && strcmp(other->order.symbol, task->order.symbol) == 0)
            return true;
    return false;
}

static struct task *next_task(const struct desk *desk, uint64_t now_ms)
{
    for (struct task *task = desk->first; task; task = task->next)
        if (task->state == TASK_WAITING && task->not_before_ms <= now_ms &&
            (!desk->held || passes_hold(task)) && !symbol_is_busy(desk, task))
            return task;
    return NULL;
}

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
    return (size_t)desk->settings->concurrency;
}

static void earlier(uint64_t *due_ms, uint64_t candidate_ms)
{
    if (candidate_ms < *due_ms)
        *due_ms = candidate_ms;
}

static void set_timer(struct desk *desk, uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;

    for (const struct task *task = desk->first; task; task = task->next) {
        if (task->state == TASK_AT_VENUE)
            earlier(&due_ms, task->answer_ms);
        if (task->state == TASK_WAITING && task->not_before_ms > now_ms)
            earlier(&due_ms, task->not_before_ms);
    }
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

void desk_dispatch(struct desk *desk)
{
    uint64_t now_ms = monotonic_ms();
    struct task *task;

    if (!desk->open || desk->stopping)
        return;
    if (breaker_tick(&desk->breaker, now_ms))
        desk->events->breaker(desk->owner, desk->breaker.state);
    while (desk->busy < places(desk) && desk->rest_until_ms <= now_ms &&
           (task = next_task(desk, now_ms)) != NULL) {
        desk->busy++;
        task_start(task);
    }
    set_timer(desk, now_ms);
}

/* One at a time, because an answer may change the list. */
static struct task *next_answer(const struct desk *desk, uint64_t now_ms)
{
    for (struct task *task = desk->first; task; task = task->next)
        if (task->state == TASK_AT_VENUE && task->answer_ms <= now_ms)
            return task;
    return NULL;
}

static void on_timer(uv_timer_t *timer)
{
    struct desk *desk = timer->data;
    uint64_t now_ms = monotonic_ms();
    struct task *task;

    while (desk->open && !desk->stopping && (task = next_answer(desk, now_ms)) != NULL)
        task_answer(task);
    desk_dispatch(desk);
    desk->events->room(desk->owner);
}

/* --- what a task says */

static bool is_settling(const struct desk *desk)
{
    for (const struct task *task = desk->first; task; task = task->next)
        if (task->state == TASK_SETTLING)
            return true;
    return false;
}

static void go_on(struct desk *desk)
{
    if (desk->stopping) {
        if (!is_settling(desk))
            desk->events->idle(desk->owner);
        return;
    }
    desk_dispatch(desk);
    desk->events->room(desk->owner);
}

/* Whoever was asked has answered: Redis, and the venue if it came to that. */
static void note_answer(struct desk *desk, const struct task *task)
{
    if (task->state != TASK_SETTLING)
        return;
    desk->events->accepted(desk->owner);
    if (task->asked && breaker_answer(&desk->breaker))
        desk->events->breaker(desk->owner, desk->breaker.state);
}

static void leave(struct task *task)
{
    struct desk *desk = task->desk;

    note_answer(desk, task);
    remove_task(task);
    go_on(desk);
}

void desk_finish(struct task *task)
{
    struct desk *desk = task->desk;

    if (find_lost(desk, task->order.id) == task) {
        unlink_from(&desk->lost, task);
        task_free(task);
        return;
    }
    forget_lost(desk, task->order.id);
    leave(task);
}

/* It may have been our own settling, on its way since an earlier connection: its mark tells. */
void desk_finish_elsewhere(struct task *task)
{
    struct desk *desk = task->desk;
    struct task *lost = find_lost(desk, task->order.id);

    if (lost && lost != task) {
        task_recall(lost);
        leave(task);
        return;
    }
    desk->events->elsewhere(desk->owner, &task->order);
    desk_finish(task);
}

void desk_put_back(struct task *task, uint64_t rest_ms)
{
    struct desk *desk = task->desk;

    desk->busy--;
    task->state = TASK_WAITING;
    task->asked = false;
    task->not_before_ms = rest_ms > 0 ? monotonic_ms() + rest_ms : 0;
    go_on(desk);
}

void desk_refuse(struct task *task, const char *complaint)
{
    struct desk *desk = task->desk;

    desk->rest_until_ms = monotonic_ms() + EXECUTOR_RETRY_MS;
    desk->events->refused(desk->owner, complaint);
    if (desk->open)
        desk_put_back(task, 0);
}

void desk_tell_held(struct task *task)
{
    struct desk *desk = task->desk;

    remove_task(task);
    desk->events->holds(desk->owner);
    go_on(desk);
}

void desk_venue_failed(struct task *task)
{
    struct desk *desk = task->desk;

    if (breaker_fail(&desk->breaker, &desk->settings->breaker, monotonic_ms()))
        desk->events->breaker(desk->owner, desk->breaker.state);
    desk_put_back(task, EXECUTOR_RETRY_MS);
}

/* --- what the executor says */

size_t desk_hold(struct desk *desk)
{
    struct task *next;
    size_t count = 0;

    desk->held = true;
    for (struct task *task = desk->first; task; task = next) {
        next = task->next;
        if (task->state != TASK_WAITING || passes_hold(task))
            continue;
        remove_task(task);
        count++;
    }
    return count;
}

void desk_release(struct desk *desk)
{
    desk->held = false;
    desk_dispatch(desk);
}

void desk_start(struct desk *desk)
{
    struct task *next;

    desk->open = true;
    for (struct task *task = desk->lost; task; task = next) {
        next = task->next;
        task_recall(task);
    }
    desk_dispatch(desk);
}

void desk_lose(struct desk *desk)
{
    struct task *next;

    desk->open = desk->held = false;
    desk->rest_until_ms = 0;
    (void)uv_timer_stop(&desk->timer);
    for (struct task *task = desk->first; task; task = next) {
        next = task->next;
        if (task->state == TASK_SETTLING) {
            forget_lost(desk, task->order.id);
            append(&desk->lost, task);
        } else {
            task_free(task);
        }
    }
    desk->first = NULL;
    desk->count = desk->busy = 0;
}

void desk_stop(struct desk *desk)
{
    desk->stopping = true;
    (void)uv_timer_stop(&desk->timer);
    for (struct task *task = desk->first; task; task = task->next)
        task_abandon(task);
    if (!is_settling(desk))
        desk->events->idle(desk->owner);
}

void desk_close(struct desk *desk)
{
    uv_close((uv_handle_t *)&desk->timer, NULL);
}

static void free_all(struct task **list)
{
    while (*list) {
        struct task *task = *list;
        *list = task->next;
        task_free(task);
    }
}

void desk_deinit(struct desk *desk)
{
    free_all(&desk->first);
    free_all(&desk->lost);
}
