/* SPDX-License-Identifier: MIT */
#include "router/router.h"

#include <assert.h>

static_assert((int)FATE_COUNT < (int)ACK_KINDS, "each fate is a kind of ACK");

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

static void close_all(struct router *router);
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
    log_adopt(&router->settings->log);
    router->events->adopted(router->owner);
}

static void on_tick(uv_timer_t *timer)
{
    struct router *router = timer->data;
    uint64_t late_ms = monotonic_ms() - router->due_ms;

    if (router->cycle.state == CYCLE_IDLE)
        adopt(router);
    acks_flush(&router->acks);
    if (late_ms > ROUTER_LATE_MS_MAX)
        report_late(late_ms);
    else if (router->cycle.state == CYCLE_IDLE && lease_is_good(&router->session.lease))
        cycle_begin(&router->cycle, &router->window);
    await_next_tick(router);
    router->events->tick(router->owner, late_ms);
}

static void report_done(struct router *router)
{
    struct cycle *cycle = &router->cycle;
    struct tally settled;
    const struct cycle_report told = {
        .snapshot = &cycle->snapshot,
        .window = &cycle->window,
        .plan = &cycle->plan,
        .settled = &settled,
        .intent_ids = cycle->intent_ids,
        .held = cycle->held.count,
    };

    acks_take_settled(&router->acks, FATE_COUNT, settled.of);
    tally_add(&settled, &cycle->plan.tally);
    report_cycle(&router->report, &told);
    router->events->cycle(router->owner, &told);
}

/* Reading goes on once a cycle went through and no ACK is left over. */
static void on_done(struct router *router)
{
    report_done(router);
    cycle_clear(&router->cycle);
    intake_thin(&router->intake, &router->cycle.held);
    if (!router->acks.is_refusing) {
        report_accepted(&router->report);
        router->events->accepted(router->owner);
        strays_start(&router->strays);
        group_reader_resume(&router->intake.reader);
    }
}

/* While it recovers there is no window yet in which to try again: a new connection begins with what
 * is pending. */
static void refuse(struct router *router, const char *complaint)
{
    report_refused(&router->report, complaint);
    router->events->refused(router->owner, complaint);
    group_reader_pause(&router->intake.reader);
    strays_stop(&router->strays);
    if (router->state == ROUTER_RECOVERING)
        session_drop(&router->session, complaint);
}

static void on_cycle_ended(void *owner, enum cycle_end end, const char *what)
{
    struct router *router = owner;

    if (end == CYCLE_DONE)
        on_done(router);
    else
        cycle_give_back(&router->cycle, &router->window);
    if (end == CYCLE_GAVE_UP)
        report_gave_up(what);
    if (end == CYCLE_REFUSED)
        refuse(router, what);
    router->events->ended(router->owner, end);
    if (router->state == ROUTER_STOPPING)
        release(router);
    else if (end == CYCLE_FENCED)
        session_depose(&router->session,
                       "another router, or a loss of Redis' state, moved the fence");
}

static void on_commit_answered(void *owner, enum commit_outcome outcome, double seconds)
{
    struct router *router = owner;

    router->events->committed(router->owner, outcome, seconds);
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

    session_drop(&router->session, complaint);
}

/* Everything pending is in the window: from here on it is live. */
static void on_recovered(void *owner)
{
    struct router *router = owner;

    set_state(router, ROUTER_RUNNING);
    session_reset_backoff(&router->session);
    service_report_redis_back(&router->report.service);
    strays_start(&router->strays);
    router->events->running(router->owner);
    router->due_ms = monotonic_ms();
    await_next_tick(router);
}

static bool on_holds(void *owner, struct stream_id id)
{
    const struct router *router = owner;

    return window_has(&router->window, id) || window_has(&router->cycle.window, id) ||
           window_has(&router->cycle.held, id);
}

static void on_claimed(void *owner, const redisReply *entries, const redisReply *deleted)
{
    struct router *router = owner;

    intake_claimed(&router->intake, entries, deleted);
}

static void on_claim_refused(void *owner, const char *complaint)
{
    struct router *router = owner;

    service_report_claim_refused(&router->report.service, complaint);
}

/* What an earlier connection sent and heard no answer to is settled first: it may be pending no
 * more. */
static void settle(struct router *router, const struct marker *marker)
{
    static const char *const words[] = {
        [CYCLE_DID_RUN] = "yes", [CYCLE_DID_NOT_RUN] = "no", [CYCLE_UNTOLD] = "unknown"};
    enum cycle_past past = cycle_settle(&router->cycle, marker);

    report_unsettled(router->cycle.cycle_id, words[past]);
    if (past == CYCLE_DID_RUN)
        report_done(router);
    cycle_clear(&router->cycle);
}

static void on_opened(void *owner, const struct marker *marker, bool group_recreated)
{
    struct router *router = owner;
    const struct keys *keys = &router->settings->keys;

    set_state(router, ROUTER_RECOVERING);
    redis_clock_set(&router->clock, marker->now_ms);
    router->events->opened(router->owner, group_recreated);
    report_leader_acquired(&router->report, router->session.lease.value);
    report_consumer_shared(&router->report, marker->shared_ms);
    history_begin(&router->cycle.history, marker->sequence, marker->fresh, marker->resumed);
    if (group_recreated)
        service_report_group_recreated(keys->signals, keys->group);
    if (router->cycle.state == CYCLE_UNSETTLED)
        settle(router, marker);
    group_reader_start(&router->intake.reader);
}

/* Connected is all that a standby is to be. */
static void on_standby(void *owner, const char *holder)
{
    struct router *router = owner;

    service_report_redis_back(&router->report.service);
    report_standby(&router->report, holder);
    router->events->standby(router->owner, router->report.holder);
}

static void on_deposed(void *owner, const char *why)
{
    struct router *router = owner;

    router->deposed = true;
    report_leader_lost(why);
}

static void on_lost(void *owner, const char *reason, uint64_t retry_ms)
{
    struct router *router = owner;

    if (!router->deposed)
        report_redis_lost(&router->report, reason, retry_ms);
    router->deposed = false;
    router->events->lost(router->owner, reason);
    (void)uv_timer_stop(&router->tick);
    group_reader_stop(&router->intake.reader);
    strays_stop(&router->strays);
    cycle_lose(&router->cycle);
    acks_forget(&router->acks);
    window_clear(&router->window);
    if (router->state == ROUTER_STOPPING)
        close_all(router);
    else if (router->state != ROUTER_WAITING)
        set_state(router, ROUTER_WAITING);
}

static void on_judged(void *owner, const struct entry *entry, const struct signal_verdict *verdict)
{
    struct router *router = owner;

    report_judged(&router->report, verdict);
    if (verdict->drop != DROP_NONE)
        report_drop(&router->report, entry, verdict);
}

static void on_thinned(void *owner, const struct candidate *candidate)
{
    struct router *router = owner;

    report_thinned(&router->report, candidate);
}

static void on_near_size(void *owner, const struct signal *signal, const char *name)
{
    struct router *router = owner;

    report_near_size(&router->report, signal, name);
}

static void on_shared_id(void *owner, const struct signal *signal, const char *name)
{
    struct router *router = owner;

    report_shared_id(&router->report, signal, name);
}

static void make_intake(struct router *router, uv_loop_t *loop)
{
    static const struct intake_events events = {
        .recovered = on_recovered,
        .failed = on_read_failed,
        .holds = on_holds,
        .judged = on_judged,
        .thinned = on_thinned,
        .near_size = on_near_size,
        .shared_id = on_shared_id,
    };

    router->intake = (struct intake){
        .settings = router->settings,
        .events = &events,
        .owner = router,
        .window = &router->window,
        .acks = &router->acks,
        .clock = &router->clock,
        .window_ends_ms = &router->due_ms,
        .look = &router->session.snapshot,
        .worker = router->session.links.worker,
    };
    intake_init(&router->intake, loop, router->session.links.reader);
}

void router_start(struct router *router, uv_loop_t *loop, struct router_settings *settings,
                  const struct router_events *events, void *owner)
{
    static const struct session_events session_events = {
        .opened = on_opened,
        .standby = on_standby,
        .deposed = on_deposed,
        .lost = on_lost,
        .released = on_released,
    };
    static const struct strays_events strays_events = {on_claimed, on_claim_refused};
    static const struct acks_events acks_events = {.refused = on_ack_refused,
                                                   .returned = on_returned};
    static const struct cycle_events cycle_events = {on_commit_answered, on_cycle_ended};

    *router = (struct router){
        .settings = settings, .events = events, .owner = owner, .report = {.settings = settings}};
    session_init(&router->session, loop, settings, &session_events, router);
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
        .session = &router->session,
        .clock = &router->clock,
    };
    const struct strays_target strays = {settings->keys.signals, settings->keys.group,
                                         settings->keys.consumer, &settings->claim_idle_ms};
    strays_init(&router->strays, loop, &strays, router->session.links.worker, &strays_events,
                router);
    (void)uv_timer_init(loop, &router->tick);
    router->tick.data = router;
    session_open(&router->session);
}

static void on_session_closed(void *owner)
{
    struct router *router = owner;

    router->events->closed(router->owner);
}

static void close_all(struct router *router)
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
    close_all(timer->data);
}

struct router_watched router_watched(const struct router *router)
{
    return (struct router_watched){
        .state = &router->state,
        .session = &router->session,
        .intake = &router->intake,
        .cycle = &router->cycle,
        .window = &router->window,
        .report = &router->report,
        .clock = &router->clock,
    };
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
        close_all(router);
}

static void on_released(void *owner)
{
    close_all(owner);
}

void router_stop(struct router *router)
{
    if (router->state == ROUTER_CLOSED)
        return;
    if (router->state == ROUTER_WAITING || router->state == ROUTER_STOPPING) {
        close_all(router);
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
    acks_deinit(&router->acks);
}
