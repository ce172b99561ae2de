/* SPDX-License-Identifier: MIT */
#include "executor/executor.h"

#include <assert.h>
#include <string.h>

#include "common/redis/reply.h"
#include "common/redis/scripts.h"
#include "executor/hold.h"
#include "executor/inbox.h"
#include "executor/scripts.h"

void executor_set_state(struct executor *executor, enum executor_state state)
{
    static const bool allowed[][EXECUTOR_CLOSED + 1] = {
        [EXECUTOR_WAITING] = {[EXECUTOR_RECOVERING] = true, [EXECUTOR_CLOSED] = true},
        [EXECUTOR_RECOVERING] = {[EXECUTOR_RUNNING] = true,
                                 [EXECUTOR_WAITING] = true,
                                 [EXECUTOR_STOPPING] = true,
                                 [EXECUTOR_CLOSED] = true},
        [EXECUTOR_RUNNING] =
            {[EXECUTOR_WAITING] = true, [EXECUTOR_STOPPING] = true, [EXECUTOR_CLOSED] = true},
        [EXECUTOR_STOPPING] = {[EXECUTOR_CLOSED] = true},
        [EXECUTOR_CLOSED] = {false},
    };

    assert(allowed[executor->state][state]);
    executor->state = state;
}

static bool is_open(const struct executor *executor)
{
    return executor->state == EXECUTOR_RECOVERING || executor->state == EXECUTOR_RUNNING;
}

static void close_all(struct executor *executor);

/* --- what is claimed */

static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    struct executor *executor = owner;

    if (deleted && deleted->type == REDIS_REPLY_ARRAY && deleted->elements > 0) {
        executor->trimmed += deleted->elements;
        service_report_trimmed(deleted->elements, "intent");
    }
    inbox_claimed(executor, entries);
}

static void on_claim_refused(void *owner, const char *complaint)
{
    struct executor *executor = owner;

    service_report_claim_refused(&executor->report.service, complaint);
}

/* --- what the desk says */

static void on_ended(void *owner, const struct ending *ending)
{
    struct executor *executor = owner;

    executor_report_ending(&executor->report, ending);
    executor->events->ended(executor->owner, ending);
    executor->events->moved(executor->owner);
}

static void on_stale(void *owner, const struct order *order)
{
    struct executor *executor = owner;

    inbox_drop_stale(executor, order);
    acks_flush(&executor->acks);
}

static void on_elsewhere(void *owner, const struct order *order)
{
    struct executor *executor = owner;

    executor_report_elsewhere(&executor->report, order);
}

static void on_holds(void *owner)
{
    hold_begin(owner);
}

/* A group that is gone comes back with a new session; and where replies no longer fit their
 * questions, nothing that this one says is worth anything. */
static bool asks_for_a_new_session(const char *complaint)
{
    static const char no_group[] = "NOGROUP";

    return strncmp(complaint, no_group, sizeof no_group - 1) == 0 ||
           strcmp(complaint, REPLY_OUT_OF_SHAPE) == 0;
}

void executor_refuse(struct executor *executor, const char *complaint)
{
    executor->events->refused(executor->owner, complaint);
    if (asks_for_a_new_session(complaint))
        executor_session_drop(&executor->session, complaint);
    else
        executor_report_refused(&executor->report, complaint);
}

static void on_refused(void *owner, const char *complaint)
{
    executor_refuse(owner, complaint);
}

static void on_accepted(void *owner)
{
    struct executor *executor = owner;

    executor_report_accepted(&executor->report);
    executor->events->accepted(executor->owner);
}

static void on_breaker(void *owner, enum breaker_state state)
{
    struct executor *executor = owner;

    executor_report_breaker(&executor->desk.breaker, &executor->settings->breaker);
    executor->events->breaker(executor->owner, state);
}

static void on_room(void *owner)
{
    struct executor *executor = owner;

    if (is_open(executor))
        group_reader_resume(&executor->reader);
}

static void on_idle(void *owner)
{
    struct executor *executor = owner;

    if (executor->state == EXECUTOR_STOPPING)
        close_all(executor);
}

/* --- what the keeper and the adapter say */

static void on_position_closed(void *owner, const struct position *position,
                               const struct result *result, int64_t left)
{
    struct executor *executor = owner;

    executor_report_closed(position, result, left);
    executor->events->closed_position(executor->owner);
    executor->events->counted(executor->owner, left);
}

static void on_counted(void *owner, int64_t positions)
{
    struct executor *executor = owner;

    executor->events->counted(executor->owner, positions);
    executor->events->moved(executor->owner);
}

static void on_answer_told(void *owner, const struct result *result, int64_t positions)
{
    struct executor *executor = owner;

    executor_report_answer(result, positions);
    executor->events->counted(executor->owner, positions);
}

static void on_answer_ignored(void *owner, const struct answer *answer, const char *why)
{
    (void)owner;
    executor_report_answer_ignored(answer->order_id, answer->status_text, why);
}

/* --- the session */

static void tell_arrival(struct executor *executor, const struct arrival *arrival)
{
    const struct executor_keys *keys = &executor->settings->keys;
    struct reply_text name;

    if (arrival->group_recreated)
        service_report_group_recreated(keys->intents, keys->group);
    if (arrival->count_made >= 0)
        executor_report_capacity_init(keys->open_orders, arrival->count_made);
    for (size_t i = arrival->removed_at; i < arrival->removed->elements; i++)
        if (reply_read_text(arrival->removed->element[i], &name))
            executor_report_consumer_removed(name.bytes, name.length);
}

static void on_opened(void *owner, const struct arrival *arrival)
{
    struct executor *executor = owner;

    executor_set_state(executor, EXECUTOR_RECOVERING);
    redis_clock_set(&executor->clock, arrival->now_ms);
    executor->events->opened(executor->owner, arrival->group_recreated);
    tell_arrival(executor, arrival);
    executor->held = false;
    executor->held_read = 0;
    hold_ask(executor);
    desk_start(&executor->desk);
    group_reader_start(&executor->reader);
    if (executor->settings->venue == VENUE_PAPER)
        keeper_start(&executor->keeper);
    if (executor->settings->venue == VENUE_STREAM)
        adapter_start(&executor->adapter);
}

static void stop_all(struct executor *executor)
{
    group_reader_stop(&executor->reader);
    strays_stop(&executor->strays);
    keeper_stop(&executor->keeper);
    adapter_stop(&executor->adapter);
}

static void on_lost(void *owner, const char *reason, uint64_t retry_ms)
{
    struct executor *executor = owner;

    service_report_redis_lost(&executor->report.service, reason, retry_ms);
    executor->events->lost(executor->owner, reason);
    stop_all(executor);
    executor->held = executor->hold_asked = false;
    desk_lose(&executor->desk);
    acks_forget(&executor->acks);
    if (executor->state == EXECUTOR_STOPPING) {
        close_all(executor);
        return;
    }
    (void)uv_timer_stop(&executor->timer);
    if (executor->state != EXECUTOR_WAITING)
        executor_set_state(executor, EXECUTOR_WAITING);
}

uint64_t executor_take_stale(struct executor *executor)
{
    uint64_t settled[EXECUTOR_ACK_KINDS];

    acks_take_settled(&executor->acks, EXECUTOR_ACK_KINDS, settled);
    return settled[EXECUTOR_ACK_STALE];
}

/* --- beginning and end */

static void init_parts(struct executor *executor, uv_loop_t *loop)
{
    static const struct keeper_events keeper_events = {on_position_closed, on_counted, on_refused,
                                                       on_accepted};
    static const struct adapter_events adapter_events = {on_answer_told, on_answer_ignored,
                                                         on_refused, on_accepted, on_claim_refused};
    static const struct strays_events strays_events = {on_claimed, on_claim_refused};
    static const struct desk_events desk_events = {
        .ended = on_ended,
        .stale = on_stale,
        .elsewhere = on_elsewhere,
        .holds = on_holds,
        .refused = on_refused,
        .accepted = on_accepted,
        .breaker = on_breaker,
        .room = on_room,
        .idle = on_idle,
    };
    const struct executor_settings *settings = executor->settings;
    struct link *worker = executor->session.links.worker;
    const struct strays_target target = {settings->keys.intents, settings->keys.group,
                                         settings->keys.consumer, &settings->claim_idle_ms};

    executor->desk = (struct desk){.settings = settings,
                                   .events = &desk_events,
                                   .owner = executor,
                                   .link = worker,
                                   .clock = &executor->clock};
    executor->keeper = (struct keeper){.settings = settings,
                                       .events = &keeper_events,
                                       .owner = executor,
                                       .link = worker,
                                       .clock = &executor->clock};
    executor->adapter = (struct adapter){.settings = settings,
                                         .events = &adapter_events,
                                         .owner = executor,
                                         .link = worker,
                                         .clock = &executor->clock};
    desk_init(&executor->desk, loop);
    keeper_init(&executor->keeper, loop);
    adapter_init(&executor->adapter, loop);
    stale_report_init(&executor->stale, loop);
    strays_init(&executor->strays, loop, &target, worker, &strays_events, executor);
}

void executor_start(struct executor *executor, uv_loop_t *loop, struct executor_settings *settings,
                    const struct executor_events *events, void *owner)
{
    static const struct executor_session_events executor_session_events = {on_opened, on_lost};

    *executor = (struct executor){.settings = settings,
                                  .events = events,
                                  .owner = owner,
                                  .hold_script = {.source = hold_lua},
                                  .ack_script = {.source = ack_lua},
                                  .report = {.settings = settings}};
    executor_session_init(&executor->session, loop, settings, &executor_session_events, executor);
    init_parts(executor, loop);
    inbox_init(executor, loop);
    (void)uv_timer_init(loop, &executor->timer);
    executor->timer.data = executor;
    struct desk_scripts *scripts = &executor->desk.scripts;
    struct script *const all[] = {&scripts->look,
                                  &scripts->begin,
                                  &scripts->fail,
                                  &scripts->open,
                                  &scripts->close,
                                  &scripts->end,
                                  &executor->hold_script,
                                  &executor->ack_script,
                                  &executor->keeper.leave,
                                  &executor->adapter.answering.script,
                                  NULL};
    static_assert(sizeof all == sizeof executor->scripts, "all have their place");
    memcpy(executor->scripts, all, sizeof all);
    executor_session_open(&executor->session, executor->scripts);
}

void executor_reload(struct executor *executor, const struct executor_settings *fresh)
{
    executor_settings_adopt(executor->settings, fresh);
    log_adopt(&executor->settings->log);
    executor->events->adopted(executor->owner);
    desk_dispatch(&executor->desk);
}

static void on_session_closed(void *owner)
{
    struct executor_session *session = owner;
    struct executor *executor = session->owner;

    executor->events->closed(executor->owner);
}

static void close_all(struct executor *executor)
{
    executor_set_state(executor, EXECUTOR_CLOSED);
    stop_all(executor);
    strays_close(&executor->strays);
    stale_report_close(&executor->stale);
    keeper_close(&executor->keeper);
    adapter_close(&executor->adapter);
    desk_close(&executor->desk);
    group_reader_close(&executor->reader);
    uv_close((uv_handle_t *)&executor->timer, NULL);
    executor_session_close(&executor->session, on_session_closed);
}

static void on_stop_overdue(uv_timer_t *timer)
{
    close_all(timer->data);
}

void executor_stop(struct executor *executor)
{
    if (executor->state == EXECUTOR_CLOSED)
        return;
    if (!is_open(executor)) {
        close_all(executor);
        return;
    }
    executor_set_state(executor, EXECUTOR_STOPPING);
    stop_all(executor);
    (void)uv_timer_start(&executor->timer, on_stop_overdue, EXECUTOR_STOP_MS_MAX, 0);
    desk_stop(&executor->desk);
}

void executor_deinit(struct executor *executor)
{
    assert(executor->state == EXECUTOR_CLOSED);
    desk_deinit(&executor->desk);
    keeper_deinit(&executor->keeper);
    adapter_deinit(&executor->adapter);
    acks_deinit(&executor->acks);
}
