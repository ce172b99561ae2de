/* SPDX-License-Identifier: MIT */
#include "router/router.h"

#include <assert.h>

#include "common/base/monotonic.h"

static_assert((int)FATE_COUNT < (int)ACK_KINDS, "each fate is a kind of ACK");

static void tell(const struct router *router, enum router_fact_kind kind)
{
    router_tell(&router->observer, (struct router_fact){.kind = kind});
}

static void tell_text(const struct router *router, enum router_fact_kind kind, const char *text)
{
    router_tell(&router->observer, (struct router_fact){kind, .text = text});
}

static void set_state(struct router *router, enum router_state state)
{
    static const bool allowed[][ROUTER_CLOSED + 1] = {
        [ROUTER_WAITING] = {[ROUTER_RECOVERING] = true, [ROUTER_CLOSED] = true},
        [ROUTER_RECOVERING] = {[ROUTER_RUNNING] = true,
                               [ROUTER_WAITING] = true,
                               [ROUTER_STOPPING] = true,
                               [ROUTER_CLOSED] = true},
        [ROUTER_RUNNING] =
            {[ROUTER_WAITING] = true, [ROUTER_STOPPING] = true, [ROUTER_CLOSED] = true},
        [ROUTER_STOPPING] = {[ROUTER_CLOSED] = true},
        [ROUTER_CLOSED] = {false},
    };

    assert(allowed[router->state][state]);
    router->state = state;
}

static void close_parts(struct router *router);
static void release(struct router *router);
static void on_released(void *owner);
static void on_tick(uv_timer_t *timer);

/* Missed ticks are skipped, never caught up. */
static void await_next_tick(struct router *router)
{
    uint64_t window_ms = router->settings->window_ms;
    uint64_t now_ms = monotonic_ms();

    router->due_ms += window_ms;
    if (router->due_ms <= now_ms)
        router->due_ms += (now_ms - router->due_ms) / window_ms * window_ms + window_ms;
    uv_update_time(router->tick.loop);
    (void)uv_timer_start(&router->tick, on_tick, router->due_ms - now_ms, 0);
}

/* Between two windows, so that no cycle is decided by two sets of rules. */
static void adopt(struct router *router)
{
    if (!router->fresh)
        return;
    router_settings_adopt(router->settings, router->fresh);
    router->fresh = NULL;
    intake_adopt(&router->intake);
    recorder_adopt(&router->cycle.recorder);
    log_adopt(&router->settings->log);
    tell(router, FACT_ADOPTED);
}

static void on_tick(uv_timer_t *timer)
{
    struct router *router = timer->data;
    uint64_t late_ms = monotonic_ms() - router->due_ms;

    if (router->cycle.state == CYCLE_IDLE)
        adopt(router);
    acks_flush(&router->acks);
    if (late_ms > ROUTER_LATE_MS_MAX)
        recorder_quiet(&router->cycle.recorder, QUIET_LATE);
    if (late_ms <= ROUTER_LATE_MS_MAX && router->cycle.state == CYCLE_IDLE &&
        lease_is_good(&router->session.lease))
        cycle_begin(&router->cycle, &router->window);
    await_next_tick(router);
    router_tell(&router->observer, (struct router_fact){FACT_TICK, .late_ms = late_ms});
}

static void tell_behind(struct router *router)
{
    struct behind *behind = &router->intake.behind;

    if (behind_take(behind, monotonic_ms()))
        router_tell(&router->observer,
                    (struct router_fact){FACT_BEHIND, .behind_ms = behind->told_ms});
}

static void tell_decided(struct router *router)
{
    struct cycle *cycle = &router->cycle;
    struct tally tally = cycle->drops;

    tally_add(&tally, &cycle->plan.tally);
    router_tell(&router->observer, (struct router_fact){FACT_DECIDED, .decided = {cycle, &tally}});
    cycle->drops = (struct tally){0};
    tell_behind(router);
}

/* Reading goes on once a cycle went through and no ACK is left over. */
static void on_done(struct router *router)
{
    tell_decided(router);
    cycle_clear(&router->cycle);
    intake_thin(&router->intake, &router->cycle.held_back);
    if (!router->acks.is_refusing) {
        tell(router, FACT_ACCEPTED);
        strays_start(&router->strays);
        group_reader_resume(&router->intake.reader);
    }
}

/* While it recovers there is no window yet in which to try again: a new connection begins with what
 * is pending. */
static void refuse(struct router *router, const char *complaint)
{
    tell_text(router, FACT_REFUSED, complaint);
    group_reader_pause(&router->intake.reader);
    strays_stop(&router->strays);
    if (router->state == ROUTER_RECOVERING)
        service_links_drop(&router->session.links, complaint);
}

static void on_cycle_ended(void *owner, enum cycle_end end, const char *what)
{
    struct router *router = owner;

    if (end == CYCLE_DONE)
        on_done(router);
    else
        cycle_give_back(&router->cycle, &router->window);
    if (end == CYCLE_REFUSED)
        refuse(router, what);
    router_tell(&router->observer, (struct router_fact){FACT_ENDED, .ended = {end, what}});
    if (router->state == ROUTER_STOPPING)
        release(router);
    else if (end == CYCLE_FENCED)
        session_depose(&router->session,
                       "another router, or a loss of Redis' state, moved the fence");
}

static void on_ack_refused(void *owner, const char *complaint)
{
    refuse(owner, complaint);
}

static void on_returned(void *owner, const redisReply *entries)
{
    struct router *router = owner;

    intake_returned(&router->intake, entries);
}

static void on_read_failed(void *owner, const char *complaint)
{
    struct router *router = owner;

    service_links_drop(&router->session.links, complaint);
}

/* Everything pending is in the window: from here on it is live. */
static void on_recovered(void *owner)
{
    struct router *router = owner;

    set_state(router, ROUTER_RUNNING);
    service_links_reset_backoff(&router->session.links);
    strays_start(&router->strays);
    tell(router, FACT_RUNNING);
    router->due_ms = monotonic_ms();
    await_next_tick(router);
}

static bool on_holds(void *owner, struct stream_id id)
{
    const struct router *router = owner;

    return window_has(&router->window, id) || window_has(&router->cycle.window, id) ||
           window_has(&router->cycle.held_back, id);
}

static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    struct router *router = owner;

    intake_claimed(&router->intake, entries, deleted);
}

static void on_claim_refused(void *owner, const char *complaint)
{
    tell_text(owner, FACT_CLAIM_REFUSED, complaint);
}

static void tell_settled(struct router *router, enum cycle_outcome outcome)
{
    router_tell(&router->observer,
                (struct router_fact){FACT_SETTLED, .settled = {router->cycle.cycle_id, outcome}});
    if (outcome == CYCLE_DID_RUN)
        tell_decided(router);
    cycle_clear(&router->cycle);
}

static void on_settled(void *owner, enum cycle_outcome outcome)
{
    struct router *router = owner;

    tell_settled(router, outcome);
    if (router->state == ROUTER_RECOVERING)
        group_reader_start(&router->intake.reader);
}

/* What an earlier connection sent and heard no answer to is settled first: it may be pending no
 * more. False: the records are asked. */
static bool settle(struct router *router, const struct last_commit *last)
{
    if (router->cycle.state != CYCLE_UNSETTLED)
        return true;
    enum cycle_outcome outcome = cycle_settle(&router->cycle, last);
    if (outcome == CYCLE_UNTOLD && cycle_ask_records(&router->cycle, last->fresh))
        return false;
    tell_settled(router, outcome);
    return true;
}

static void on_asked_before(void *data, const redisReply *reply)
{
    struct router *router = data;

    if (reply && router->state == ROUTER_RECOVERING)
        group_reader_start(&router->intake.reader);
}

/* Behind all that was asked when the session opened: newer servers correct their count of what a
 * group was given at the first delivery, and with it goes what tells of a loss. */
static void read_behind_answers(struct router *router)
{
    struct link *worker = router->session.links.worker;
    struct command ping = {0};

    command_add(&ping, "PING");
    (void)!link_send(worker, &ping, link_reply_timeout_ms(worker), on_asked_before, router);
    command_free(&ping);
}

static void on_opened(void *owner, const struct last_commit *last, bool group_recreated)
{
    struct router *router = owner;

    set_state(router, ROUTER_RECOVERING);
    redis_clock_set(&router->clock, last->now_ms);
    router_tell(&router->observer,
                (struct router_fact){FACT_OPENED, .opened = {router->session.lease.value,
                                                             last->shared_ms, group_recreated}});
    history_begin(&router->cycle.history, last->sequence, last->fresh, last->resumed);
    recorder_open(&router->cycle.recorder);
    if (settle(router, last))
        read_behind_answers(router);
}

static void on_lost(void *owner, const char *reason, uint64_t retry_ms)
{
    struct router *router = owner;

    router_tell(&router->observer, (struct router_fact){FACT_LOST, .lost = {reason, retry_ms}});
    (void)uv_timer_stop(&router->tick);
    group_reader_stop(&router->intake.reader);
    strays_stop(&router->strays);
    cycle_lose(&router->cycle);
    acks_forget(&router->acks);
    window_clear(&router->window);
    if (router->state == ROUTER_STOPPING)
        close_parts(router);
    else if (router->state != ROUTER_WAITING)
        set_state(router, ROUTER_WAITING);
}

static void make_intake(struct router *router, uv_loop_t *loop)
{
    static const struct intake_events events = {
        .recovered = on_recovered,
        .failed = on_read_failed,
        .holds = on_holds,
    };

    router->intake = (struct intake){
        .settings = router->settings,
        .events = &events,
        .owner = router,
        .observer = &router->observer,
        .window = &router->window,
        .acks = &router->acks,
        .clock = &router->clock,
        .window_ends_ms = &router->due_ms,
        .pending = &router->session.pending,
        .look = &router->session.look,
        .worker = router->session.links.worker,
    };
    intake_init(&router->intake, loop, router->session.links.reader);
}

void router_start(struct router *router, uv_loop_t *loop, struct router_settings *settings,
                  struct router_observer observer)
{
    static const struct session_events session_events = {
        .opened = on_opened,
        .lost = on_lost,
        .released = on_released,
    };
    static const struct strays_events strays_events = {.claimed = on_claimed,
                                                       .refused = on_claim_refused};
    static const struct acks_events acks_events = {.refused = on_ack_refused,
                                                   .returned = on_returned};
    static const struct cycle_events cycle_events = {.ended = on_cycle_ended,
                                                     .settled = on_settled};

    *router = (struct router){.settings = settings, .observer = observer};
    session_init(&router->session, loop, settings, &session_events, router, &router->observer);
    router->acks = (struct acks){
        .link = router->session.links.worker,
        .stream = settings->keys.signals,
        .group = settings->keys.group,
        .consumer = settings->keys.consumer,
        .script = &router->session.ack,
        .clock = &router->clock,
        .events = &acks_events,
        .owner = router,
    };
    make_intake(router, loop);
    router->cycle = (struct cycle){
        .settings = settings,
        .events = &cycle_events,
        .owner = router,
        .observer = &router->observer,
        .session = &router->session,
        .clock = &router->clock,
        .acks = &router->acks,
    };
    recorder_init(&router->cycle.recorder, settings, router->session.links.worker,
                  &router->observer);
    const struct strays_target strays = {
        .stream = settings->keys.signals,
        .group = settings->keys.group,
        .consumer = settings->keys.consumer,
        .idle_ms = &settings->claim_idle_ms,
    };
    strays_init(&router->strays, loop, &strays, router->session.links.worker, &strays_events,
                router);
    (void)uv_timer_init(loop, &router->tick);
    router->tick.data = router;
    session_open(&router->session);
}

static void on_session_closed(void *owner)
{
    const struct session *session = owner;

    tell(session->owner, FACT_CLOSED);
}

static void close_parts(struct router *router)
{
    set_state(router, ROUTER_CLOSED);
    group_reader_stop(&router->intake.reader);
    uv_close((uv_handle_t *)&router->tick, NULL);
    group_reader_close(&router->intake.reader);
    strays_close(&router->strays);
    session_close(&router->session, on_session_closed);
}

/* Redis has not answered: what became of a commit the next start finds out, and the lease runs out
 * by itself. */
static void on_stop_overdue(uv_timer_t *timer)
{
    close_parts(timer->data);
}

void router_reload(struct router *router, const struct router_settings *fresh)
{
    router->fresh = fresh;
    if (router->state == ROUTER_WAITING)
        adopt(router);
}

/* The last word to Redis: the next router need not wait for the lease to run out. */
static void release(struct router *router)
{
    if (session_release(&router->session) != 0)
        close_parts(router);
}

static void on_released(void *owner)
{
    close_parts(owner);
}

void router_stop(struct router *router)
{
    if (router->state == ROUTER_CLOSED)
        return;
    if (router->state == ROUTER_WAITING || router->state == ROUTER_STOPPING) {
        close_parts(router);
        return;
    }
    set_state(router, ROUTER_STOPPING);
    (void)uv_timer_start(&router->tick, on_stop_overdue, ROUTER_STOP_MS_MAX, 0);
    group_reader_stop(&router->intake.reader);
    strays_stop(&router->strays);
    if (router->cycle.state != CYCLE_COMMITTING)
        release(router);
}

void router_deinit(struct router *router)
{
    assert(router->state == ROUTER_CLOSED);
    cycle_lose(&router->cycle);
    cycle_clear(&router->cycle);
    window_clear(&router->window);
    recorder_deinit(&router->cycle.recorder);
    acks_deinit(&router->acks);
}
