/* SPDX-License-Identifier: MIT */
#include "executor/executor.h"

#include <assert.h>
#include <string.h>

#include "common/redis/acks.h"
#include "common/redis/reply.h"

static void set_state(struct executor *executor, enum executor_state state)
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
    inbox_take(&executor->inbox, entries);
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

    sight_settled(&executor->sight, ending->order->id);
    executor_report_ending(&executor->report, ending);
    executor->events->ended(executor->owner, ending);
    executor->events->moved(executor->owner);
}

/* Left to the ACKs, and told when it is one; they are sent when the page was taken, or at once. */
static void drop_stale(struct executor *executor, const struct order *order)
{
    const struct guard_rules *guards = &executor->settings->guards;
    int64_t now_ms = redis_clock_now(&executor->clock);
    int64_t max_age_ms = order->closes ? guards->exit_max_age_ms : guards->max_age_ms;

    if (now_ms - order->timestamp_ms <= max_age_ms) /* it waited while it held */
        max_age_ms = guards->resume_max_age_ms;
    acks_add_stale(&executor->acks, order->id, EXECUTOR_ACK_STALE, order->timestamp_ms, max_age_ms);
}

static void on_stale(void *owner, const struct order *order)
{
    struct executor *executor = owner;

    drop_stale(executor, order);
    acks_flush(&executor->acks);
}

static void on_elsewhere(void *owner, const struct order *order)
{
    struct executor *executor = owner;

    executor_report_elsewhere(&executor->report, order);
}

static void on_found_hold(void *owner)
{
    struct executor *executor = owner;

    hold_begin(&executor->hold);
}

static void on_faulty(void *owner, const struct order *order, const char *why, uint64_t pause_ms)
{
    struct executor *executor = owner;

    executor_report_faulty(&executor->report, order, why, pause_ms);
}

/* A group that is gone comes back with a new session; and where replies no longer fit their
 * questions, nothing that this one says is worth anything. */
static bool asks_for_a_new_session(const char *complaint)
{
    static const char no_group[] = "NOGROUP";

    return strncmp(complaint, no_group, sizeof no_group - 1) == 0 ||
           strcmp(complaint, REPLY_OUT_OF_SHAPE) == 0;
}

static void refuse(struct executor *executor, const char *complaint)
{
    executor->events->refused(executor->owner, complaint);
    if (asks_for_a_new_session(complaint))
        executor_session_drop(&executor->session, complaint);
    else
        executor_report_refused(&executor->report, complaint);
}

static void on_refused(void *owner, const char *complaint)
{
    refuse(owner, complaint);
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
        inbox_resume(&executor->inbox);
}

static void on_again(void *owner, struct stream_id from)
{
    struct executor *executor = owner;

    if (is_open(executor))
        inbox_read_again(&executor->inbox, from);
}

static void on_idle(void *owner)
{
    struct executor *executor = owner;

    if (executor->state == EXECUTOR_STOPPING)
        close_all(executor);
}

/* --- what the ACKs say */

static void on_returned(void *owner, const redisReply *entries)
{
    struct executor *executor = owner;

    inbox_take(&executor->inbox, entries);
}

static void on_aged(void *owner, const struct ack *ack)
{
    struct executor *executor = owner;
    const struct stale_drop drop = {ack->id, redis_clock_now(&executor->clock) - ack->dated_ms,
                                    ack->span.after_ms - ack->dated_ms};

    stale_report_add(&executor->stale, &drop);
}

/* --- what the inbox says */

static void on_read_stale(void *owner, const struct order *order)
{
    drop_stale(owner, order);
}

static void on_deleted(void *owner, struct stream_id id)
{
    struct executor *executor = owner;

    acks_add(&executor->acks, id, EXECUTOR_ACK_KINDS);
    executor->trimmed++;
    service_report_trimmed(1, "intent");
}

static void on_page(void *owner)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    executor_report_sight(&executor->report, &executor->sight);
    executor->events->moved(executor->owner);
}

static void on_recovered(void *owner)
{
    struct executor *executor = owner;

    set_state(executor, EXECUTOR_RUNNING);
    executor_session_reset_backoff(&executor->session);
    service_report_redis_back(&executor->report.service);
    strays_start(&executor->strays);
    executor->events->running(executor->owner);
}

static void on_read_failed(void *owner, const char *complaint)
{
    struct executor *executor = owner;

    executor_session_drop(&executor->session, complaint);
}

/* --- what the hold says: ACKs that Redis refused are sent again in passing */

static void on_hold_seen(void *owner, const struct hold_seen *seen)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    executor_report_hold(&executor->report, seen);
    executor->events->held(executor->owner, seen->reason);
    executor->events->open_orders(executor->owner, seen->open_known, seen->open);
    executor->events->moved(executor->owner);
}

static void on_hold_began(void *owner)
{
    struct executor *executor = owner;

    desk_hold(&executor->desk);
}

/* What was put back is pending, and read again; its age says whether it waited too long. */
static void on_hold_ended(void *owner)
{
    struct executor *executor = owner;

    desk_release(&executor->desk);
}

static void on_hold_refused(void *owner, const char *complaint)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    executor->events->refused(executor->owner, complaint);
    executor_report_refused(&executor->report, complaint);
}

/* --- what the exits on paper and the adapter say */

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

/* From here on what is read can be judged. */
static void on_sight_known(void *owner)
{
    struct executor *executor = owner;

    executor_report_sight(&executor->report, &executor->sight);
    inbox_start(&executor->inbox);
}

/* What was left is pending, and read again. */
static void on_sight_over(void *owner)
{
    struct executor *executor = owner;

    executor_report_sight(&executor->report, &executor->sight);
    executor->sight.held = 0;
    inbox_read_again(&executor->inbox, (struct stream_id){0, 0});
}

static void on_opened(void *owner, const struct arrival *arrival)
{
    struct executor *executor = owner;

    set_state(executor, EXECUTOR_RECOVERING);
    redis_clock_set(&executor->clock, arrival->now_ms);
    executor->events->opened(executor->owner, arrival->group_recreated);
    tell_arrival(executor, arrival);
    hold_start(&executor->hold);
    desk_start(&executor->desk);
    sight_start(&executor->sight);
    if (executor->settings->venue.kind == VENUE_PAPER)
        paper_exits_start(&executor->paper_exits);
    if (executor->settings->venue.kind == VENUE_STREAM)
        adapter_start(&executor->adapter);
}

static void stop_all(struct executor *executor)
{
    inbox_stop(&executor->inbox);
    hold_stop(&executor->hold);
    strays_stop(&executor->strays);
    sight_stop(&executor->sight);
    paper_exits_stop(&executor->paper_exits);
    adapter_stop(&executor->adapter);
}

static void on_lost(void *owner, const char *reason, uint64_t retry_ms)
{
    struct executor *executor = owner;

    service_report_redis_lost(&executor->report.service, reason, retry_ms);
    executor->events->lost(executor->owner, reason);
    stop_all(executor);
    desk_lose(&executor->desk);
    acks_forget(&executor->acks);
    if (executor->state == EXECUTOR_STOPPING) {
        close_all(executor);
        return;
    }
    if (executor->state != EXECUTOR_WAITING)
        set_state(executor, EXECUTOR_WAITING);
}

struct executor_watched executor_watched(struct executor *executor)
{
    return (struct executor_watched){
        .state = &executor->state,
        .session = &executor->session,
        .desk = &executor->desk,
        .clock = &executor->clock,
        .trimmed = &executor->trimmed,
        .acks = &executor->acks,
    };
}

/* --- beginning and end */

static void init_inbox(struct executor *executor, uv_loop_t *loop)
{
    static const struct inbox_events events = {on_read_stale, on_deleted, on_page, on_recovered,
                                               on_read_failed};

    executor->inbox = (struct inbox){.settings = executor->settings,
                                     .events = &events,
                                     .owner = executor,
                                     .clock = &executor->clock,
                                     .desk = &executor->desk,
                                     .sight = &executor->sight,
                                     .reader_link = executor->session.links.reader,
                                     .worker_link = executor->session.links.worker};
    inbox_init(&executor->inbox, loop);
}

static void init_hold(struct executor *executor, uv_loop_t *loop)
{
    static const struct hold_events events = {on_hold_seen, on_hold_began, on_hold_ended,
                                              on_hold_refused};

    executor->hold = (struct hold){.settings = executor->settings,
                                   .events = &events,
                                   .owner = executor,
                                   .link = executor->session.links.worker,
                                   .clock = &executor->clock};
    hold_init(&executor->hold, loop);
}

static void init_desk(struct executor *executor, uv_loop_t *loop)
{
    static const struct desk_events events = {
        .ended = on_ended,
        .stale = on_stale,
        .elsewhere = on_elsewhere,
        .found_hold = on_found_hold,
        .faulty = on_faulty,
        .refused = on_refused,
        .accepted = on_accepted,
        .breaker = on_breaker,
        .again = on_again,
        .room = on_room,
        .idle = on_idle,
    };

    executor->desk = (struct desk){.events = &events,
                                   .owner = executor,
                                   .kit = {.settings = executor->settings,
                                           .link = executor->session.links.worker,
                                           .clock = &executor->clock}};
    desk_init(&executor->desk, loop);
}

static void init_parts(struct executor *executor, uv_loop_t *loop)
{
    static const struct paper_exits_events exits_events = {on_position_closed, on_counted,
                                                           on_refused, on_accepted};
    static const struct adapter_events adapter_events = {on_answer_told, on_answer_ignored,
                                                         on_refused, on_accepted, on_claim_refused};
    static const struct strays_events strays_events = {on_claimed, on_claim_refused};
    static const struct sight_events sight_events = {on_sight_known, on_sight_over, on_refused};
    const struct executor_settings *settings = executor->settings;
    struct link *worker = executor->session.links.worker;
    const struct strays_target target = {settings->keys.intents, settings->keys.group,
                                         settings->keys.consumer, &settings->claim_idle_ms};

    init_desk(executor, loop);
    init_inbox(executor, loop);
    init_hold(executor, loop);
    executor->paper_exits = (struct paper_exits){.settings = settings,
                                                 .events = &exits_events,
                                                 .owner = executor,
                                                 .link = worker,
                                                 .clock = &executor->clock};
    executor->adapter = (struct adapter){.settings = settings,
                                         .events = &adapter_events,
                                         .owner = executor,
                                         .link = worker,
                                         .clock = &executor->clock};
    executor->sight = (struct sight){.settings = settings,
                                     .events = &sight_events,
                                     .owner = executor,
                                     .link = worker,
                                     .clock = &executor->clock};
    sight_init(&executor->sight, loop);
    paper_exits_init(&executor->paper_exits, loop);
    adapter_init(&executor->adapter, loop);
    stale_report_init(&executor->stale, loop);
    strays_init(&executor->strays, loop, &target, worker, &strays_events, executor);
}

static void init_acks(struct executor *executor)
{
    static const struct acks_events events = {on_refused, on_returned, on_aged};
    const struct executor_keys *keys = &executor->settings->keys;

    executor->ack_script = (struct script){.source = ack_lua};
    executor->acks = (struct acks){
        .link = executor->session.links.worker,
        .stream = keys->intents,
        .group = keys->group,
        .consumer = keys->consumer,
        .script = &executor->ack_script,
        .clock = &executor->clock,
        .events = &events,
        .owner = executor,
    };
}

void executor_start(struct executor *executor, uv_loop_t *loop, struct executor_settings *settings,
                    const struct executor_events *events, void *owner)
{
    static const struct executor_session_events executor_session_events = {on_opened, on_lost};

    *executor = (struct executor){
        .settings = settings, .events = events, .owner = owner, .report = {.settings = settings}};
    executor_session_init(&executor->session, loop, settings, &executor_session_events, executor);
    init_parts(executor, loop);
    init_acks(executor);
    (void)uv_timer_init(loop, &executor->timer);
    executor->timer.data = executor;
    desk_scripts(&executor->desk, executor->scripts);
    executor->scripts[DESK_SCRIPTS] = &executor->hold.script;
    executor->scripts[DESK_SCRIPTS + 1] = &executor->ack_script;
    executor->scripts[DESK_SCRIPTS + 2] = &executor->paper_exits.script;
    executor->scripts[DESK_SCRIPTS + 3] = &executor->adapter.answering.script;
    executor->scripts[DESK_SCRIPTS + 4] = &executor->sight.script;
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
    set_state(executor, EXECUTOR_CLOSED);
    stop_all(executor);
    strays_close(&executor->strays);
    stale_report_close(&executor->stale);
    paper_exits_close(&executor->paper_exits);
    adapter_close(&executor->adapter);
    desk_close(&executor->desk);
    inbox_close(&executor->inbox);
    hold_close(&executor->hold);
    sight_close(&executor->sight);
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
    set_state(executor, EXECUTOR_STOPPING);
    stop_all(executor);
    (void)uv_timer_start(&executor->timer, on_stop_overdue, EXECUTOR_STOP_MS_MAX, 0);
    desk_stop(&executor->desk);
}

void executor_deinit(struct executor *executor)
{
    assert(executor->state == EXECUTOR_CLOSED);
    desk_deinit(&executor->desk);
    paper_exits_deinit(&executor->paper_exits);
    adapter_deinit(&executor->adapter);
    acks_deinit(&executor->acks);
}
