/* SPDX-License-Identifier: MIT */
#include "executor/executor.h"

#include <assert.h>
#include <string.h>

#include "common/redis/acks.h"
#include "common/redis/reply.h"

/* Kinds of ACKs. */
enum { ACK_STALE, ACK_OTHER };

static void tell(const struct executor *executor, enum executor_fact_kind kind)
{
    executor_tell(&executor->observer, (struct executor_fact){.kind = kind});
}

static void tell_trimmed(const struct executor *executor, size_t count)
{
    executor_tell(&executor->observer, (struct executor_fact){FACT_TRIMMED, .trimmed = count});
}

static void tell_refused(const struct executor *executor, const char *complaint, bool ends_session)
{
    executor_tell(&executor->observer,
                  (struct executor_fact){FACT_REFUSED, .refused = {complaint, ends_session}});
}

static void tell_doubt(const struct executor *executor)
{
    executor_tell(&executor->observer,
                  (struct executor_fact){FACT_DOUBT_SEEN, .doubt = &executor->doubt});
}

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

static void close_parts(struct executor *executor);

/* --- what is claimed */

static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    struct executor *executor = owner;

    if (reply_is_array(deleted, 1))
        tell_trimmed(executor, deleted->elements);
    inbox_take(&executor->inbox, entries);
}

static void on_claim_refused(void *owner, const char *complaint)
{
    struct executor *executor = owner;

    executor_tell(&executor->observer,
                  (struct executor_fact){FACT_CLAIM_REFUSED, .complaint = complaint});
}

/* --- what the desk says */

static void on_ended(void *owner, const struct ending *ending)
{
    struct executor *executor = owner;

    state_doubt_note_settled(&executor->doubt, ending->order->id);
    executor_tell(&executor->observer,
                  (struct executor_fact){
                      FACT_ENDED, .ended = {ending, redis_clock_now(&executor->office.clock)}});
}

/* Told when its ACK is confirmed. The ACKs are sent when the page was taken, or at once. */
static void drop_stale(struct executor *executor, const struct order *order)
{
    const struct guard_rules *guards = &executor->settings->guards;
    int64_t now_ms = redis_clock_now(&executor->office.clock);
    int64_t max_age_ms = order->closes ? guards->exit_max_age_ms : guards->max_age_ms;

    if (now_ms - order->timestamp_ms <= max_age_ms) /* it waited while it held */
        max_age_ms = guards->resume_max_age_ms;
    acks_add_stale(&executor->acks, order->id, ACK_STALE, order->timestamp_ms, max_age_ms);
}

static void on_stale(void *owner, const struct order *order)
{
    struct executor *executor = owner;

    drop_stale(executor, order);
    acks_flush(&executor->acks);
}

static void on_found_hold(void *owner)
{
    struct executor *executor = owner;

    hold_begin(&executor->hold);
}

/* A new session makes a group that is gone. And when replies no longer fit their questions, nothing
 * that this session says can be trusted. */
static bool asks_for_a_new_session(const char *complaint)
{
    static const char no_group[] = "NOGROUP";

    return strncmp(complaint, no_group, sizeof no_group - 1) == 0 ||
           strcmp(complaint, REPLY_MALFORMED) == 0;
}

static void on_refused(void *owner, const char *complaint)
{
    struct executor *executor = owner;
    bool ends_session = asks_for_a_new_session(complaint);

    tell_refused(executor, complaint, ends_session);
    if (ends_session)
        service_links_drop(&executor->session.links, complaint);
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
        close_parts(executor);
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
    const struct stale_drop drop = {ack->id,
                                    redis_clock_now(&executor->office.clock) - ack->dated_ms,
                                    ack->span.after_ms - ack->dated_ms};

    executor_tell(&executor->observer, (struct executor_fact){FACT_STALE, .stale = &drop});
}

/* --- what the inbox says */

static void on_read_stale(void *owner, const struct order *order)
{
    drop_stale(owner, order);
}

static void on_deleted(void *owner, struct stream_id id)
{
    struct executor *executor = owner;

    acks_add(&executor->acks, id, ACK_OTHER);
    tell_trimmed(executor, 1);
}

static void on_page(void *owner)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    tell_doubt(executor);
    tell(executor, FACT_PAGE);
}

static void on_recovered(void *owner)
{
    struct executor *executor = owner;

    set_state(executor, EXECUTOR_RUNNING);
    service_links_reset_backoff(&executor->session.links);
    strays_start(&executor->strays);
    tell(executor, FACT_RUNNING);
}

static void on_read_failed(void *owner, const char *complaint)
{
    struct executor *executor = owner;

    service_links_drop(&executor->session.links, complaint);
}

/* --- what the hold says: ACKs that Redis refused are sent again in passing */

static void on_hold_seen(void *owner, const struct hold_seen *seen)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    executor_tell(&executor->observer, (struct executor_fact){FACT_HOLD_SEEN, .hold = seen});
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
    tell_refused(executor, complaint, false);
}

/* --- the session */

/* From here on what is read can be judged. */
static void on_doubt_known(void *owner)
{
    struct executor *executor = owner;

    tell_doubt(executor);
    inbox_start(&executor->inbox);
}

/* What was left is pending, and read again. */
static void on_doubt_over(void *owner)
{
    struct executor *executor = owner;

    tell_doubt(executor);
    executor->doubt.held_back = 0;
    inbox_read_again(&executor->inbox, (struct stream_id){0, 0});
}

static void on_opened(void *owner, const struct arrival *arrival)
{
    struct executor *executor = owner;

    set_state(executor, EXECUTOR_RECOVERING);
    redis_clock_set(&executor->office.clock, arrival->now_ms);
    executor_tell(&executor->observer, (struct executor_fact){FACT_OPENED, .opened = arrival});
    hold_start(&executor->hold);
    desk_start(&executor->desk);
    state_doubt_start(&executor->doubt);
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
    state_doubt_stop(&executor->doubt);
    paper_exits_stop(&executor->paper_exits);
    adapter_stop(&executor->adapter);
}

static void on_lost(void *owner, const char *reason, uint64_t retry_ms)
{
    struct executor *executor = owner;

    executor_tell(&executor->observer,
                  (struct executor_fact){FACT_LOST, .lost = {reason, retry_ms}});
    stop_all(executor);
    replicas_forget(&executor->replicas);
    desk_lose(&executor->desk);
    acks_forget(&executor->acks);
    if (executor->state == EXECUTOR_STOPPING) {
        close_parts(executor);
        return;
    }
    if (executor->state != EXECUTOR_WAITING)
        set_state(executor, EXECUTOR_WAITING);
}

/* --- beginning and end */

static void init_desk(struct executor *executor, uv_loop_t *loop)
{
    static const struct desk_events events = {
        .ended = on_ended,
        .stale = on_stale,
        .found_hold = on_found_hold,
        .again = on_again,
        .room = on_room,
        .idle = on_idle,
    };

    desk_init(&executor->desk, loop, &executor->office, &events, executor);
}

static void init_inbox(struct executor *executor, uv_loop_t *loop)
{
    static const struct inbox_events events = {
        .stale = on_read_stale,
        .deleted = on_deleted,
        .page = on_page,
        .recovered = on_recovered,
        .failed = on_read_failed,
    };

    executor->inbox = (struct inbox){.office = &executor->office,
                                     .events = &events,
                                     .owner = executor,
                                     .desk = &executor->desk,
                                     .doubt = &executor->doubt,
                                     .reader_link = executor->session.links.reader};
    inbox_init(&executor->inbox, loop);
}

static void init_strays(struct executor *executor, uv_loop_t *loop)
{
    static const struct strays_events events = {.claimed = on_claimed, .refused = on_claim_refused};
    const struct executor_settings *settings = executor->settings;
    const struct strays_target target = {
        .stream = settings->keys.intents,
        .group = settings->keys.group,
        .consumer = settings->keys.consumer,
        .idle_ms = &settings->claim_idle_ms,
    };

    strays_init(&executor->strays, loop, &target, executor->office.link, &events, executor);
}

static void init_acks(struct executor *executor)
{
    static const struct acks_events events = {
        .refused = on_refused,
        .returned = on_returned,
        .aged = on_aged,
    };
    const struct executor_keys *keys = &executor->settings->keys;

    executor->acks = (struct acks){
        .link = executor->office.link,
        .stream = keys->intents,
        .group = keys->group,
        .consumer = keys->consumer,
        .script = &executor->office.scripts[SCRIPT_ACK],
        .clock = &executor->office.clock,
        .events = &events,
        .owner = executor,
    };
}

static void init_replicas(struct executor *executor, uv_loop_t *loop)
{
    const struct executor_settings *settings = executor->settings;
    struct link_config config = service_links_config(&settings->redis, "quantum-executor:waiter");

    replicas_init(&executor->replicas, loop, &config, executor->office.link, settings->keys.server,
                  &settings->wait_replicas);
}

static void init_parts(struct executor *executor, uv_loop_t *loop)
{
    static const struct hold_events hold_events = {
        .seen = on_hold_seen,
        .began = on_hold_began,
        .ended = on_hold_ended,
        .refused = on_hold_refused,
    };
    static const struct state_doubt_events doubt_events = {.known = on_doubt_known,
                                                           .over = on_doubt_over};
    struct office *office = &executor->office;

    init_desk(executor, loop);
    init_inbox(executor, loop);
    init_strays(executor, loop);
    init_acks(executor);
    hold_init(&executor->hold, loop, office, &hold_events, executor);
    state_doubt_init(&executor->doubt, loop, office, &doubt_events, executor);
    paper_exits_init(&executor->paper_exits, loop, office);
    adapter_init(&executor->adapter, loop, office);
    init_replicas(executor, loop);
    (void)uv_timer_init(loop, &executor->timer);
    executor->timer.data = executor;
}

void executor_start(struct executor *executor, uv_loop_t *loop, struct executor_settings *settings,
                    struct executor_observer observer)
{
    static const struct executor_session_events session_events = {.opened = on_opened,
                                                                  .lost = on_lost};

    *executor = (struct executor){.settings = settings, .observer = observer};
    executor->office = (struct office){.settings = settings,
                                       .observer = &executor->observer,
                                       .replicas = &executor->replicas,
                                       .refused = on_refused,
                                       .owner = executor};
    office_init(&executor->office);
    executor_session_init(&executor->session, loop, &executor->office, &session_events, executor);
    init_parts(executor, loop);
    executor_session_open(&executor->session);
}

void executor_reload(struct executor *executor, const struct executor_settings *fresh)
{
    executor_settings_adopt(executor->settings, fresh);
    log_adopt(&executor->settings->log);
    tell(executor, FACT_ADOPTED);
    desk_dispatch(&executor->desk);
}

static void on_session_closed(void *owner)
{
    const struct executor_session *session = owner;

    tell(session->owner, FACT_CLOSED);
}

static void close_parts(struct executor *executor)
{
    set_state(executor, EXECUTOR_CLOSED);
    tell(executor, FACT_CLOSING);
    stop_all(executor);
    strays_close(&executor->strays);
    paper_exits_close(&executor->paper_exits);
    adapter_close(&executor->adapter);
    replicas_close(&executor->replicas);
    desk_close(&executor->desk);
    inbox_close(&executor->inbox);
    hold_close(&executor->hold);
    state_doubt_close(&executor->doubt);
    uv_close((uv_handle_t *)&executor->timer, NULL);
    executor_session_close(&executor->session, on_session_closed);
}

static void on_stop_overdue(uv_timer_t *timer)
{
    close_parts(timer->data);
}

void executor_stop(struct executor *executor)
{
    if (executor->state == EXECUTOR_CLOSED)
        return;
    if (!is_open(executor)) {
        close_parts(executor);
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
