/* SPDX-License-Identifier: MIT */
#include "router/rehearsal.h"

#include "common/base/monotonic.h"
#include "router/observe.h"

/* Time for some round trips before, and for a decision behind; so little that nobody sees it on a
 * core, which is why a short window goes without. The last question must be answered when the
 * window closes. */
enum { LEAD_MS = 2, WINDOW_MS_MIN = 500, LAST_QUESTION_NS = 200 * 1000, DECISION_NS = 2000 * 1000 };

/* A plan for a few candidates takes the same way as one for thousands. */
enum { CANDIDATES_MAX = 4 };

static void ask(struct rehearsal *rehearsal);

/* Not the window's owner: never cleared. */
static struct window first_of(const struct rehearsal *rehearsal, size_t count_max)
{
    const struct window *window = rehearsal->window;
    size_t count = window->count < count_max ? window->count : count_max;

    return (struct window){.candidates = window->candidates, .count = count};
}

static void write_commit(const struct rehearsal *rehearsal, const struct snapshot *snapshot,
                         const struct window *window, const struct plan *plan,
                         struct command *ret_command)
{
    const struct session *session = rehearsal->cycle->session;
    const struct commit commit = {
        .script = &session->commit,
        .settings = rehearsal->cycle->settings,
        .snapshot = snapshot,
        .window = window,
        .plan = plan,
        .cycle_id = "",
        .lease = session->lease.value,
    };

    commit_command(&commit, ret_command);
}

static void plan_and_write(const struct rehearsal *rehearsal, const struct snapshot *snapshot)
{
    struct window few = first_of(rehearsal, rehearsal->candidates);
    struct command command;
    struct plan plan = {0};

    plan_make(&rehearsal->cycle->settings->plan, snapshot, &few, &plan);
    write_commit(rehearsal, snapshot, &few, &plan, &command);
    command_free(&command);
    plan_release(&plan);
}

static void on_refused(void *data, const redisReply *reply)
{
    if (reply)
        ask(data);
}

static int send_blank(struct rehearsal *rehearsal, int64_t now_ms)
{
    const struct session *session = rehearsal->cycle->session;
    char never[] = "";
    const struct snapshot nothing_seen = {.now_ms = now_ms};
    const struct window nobody = {0};
    const struct plan nothing = {.super_times = never, .day_counts = never};
    struct command command;

    write_commit(rehearsal, &nothing_seen, &nobody, &nothing, &command);
    return script_call(&session->commit, session->links.worker, &command,
                       link_reply_timeout_ms(session->links.worker), on_refused, rehearsal);
}

static bool goes_on(const struct rehearsal *rehearsal)
{
    return rehearsal->cycle->state == CYCLE_IDLE &&
           uv_is_active((const uv_handle_t *)&rehearsal->awake);
}

static void on_looked(void *data, const redisReply *reply)
{
    struct rehearsal *rehearsal = data;
    struct snapshot snapshot = {0};

    if (!reply || !goes_on(rehearsal) || rehearsal->window->count < rehearsal->candidates ||
        !observe_read(reply, rehearsal->candidates, &snapshot))
        return;
    redis_clock_set(rehearsal->cycle->clock, snapshot.now_ms);
    plan_and_write(rehearsal, &snapshot);
    if (send_blank(rehearsal, snapshot.now_ms) == 0)
        link_flush(rehearsal->cycle->session->links.worker);
    snapshot_release(&snapshot);
}

static void ask(struct rehearsal *rehearsal)
{
    const struct cycle *cycle = rehearsal->cycle;
    struct session *session = cycle->session;
    struct window few = first_of(rehearsal, CANDIDATES_MAX);
    struct command command;

    if (!goes_on(rehearsal) || uv_hrtime() + LAST_QUESTION_NS > rehearsal->closes_at_ns)
        return;
    rehearsal->candidates = few.count;
    observe_command(&session->snapshot, cycle->settings, &few, redis_clock_now(cycle->clock),
                    &command);
    if (script_call(&session->snapshot, session->links.worker, &command,
                    link_reply_timeout_ms(session->links.worker), on_looked, rehearsal) == 0)
        link_flush(session->links.worker);
}

/* That there is something to call back keeps the loop from going to sleep. */
static void on_awake(uv_idle_t *awake)
{
    const struct rehearsal *rehearsal = awake->data;

    if (uv_hrtime() > rehearsal->awake_until_ns)
        (void)uv_idle_stop(awake);
}

static void on_begin(uv_timer_t *timer)
{
    struct rehearsal *rehearsal = timer->data;

    rehearsal->awake_until_ns = rehearsal->closes_at_ns + DECISION_NS;
    lease_renew_ahead(&rehearsal->cycle->session->lease);
    (void)uv_idle_start(&rehearsal->awake, on_awake);
    ask(rehearsal);
}

void rehearsal_init(struct rehearsal *rehearsal, uv_loop_t *loop, struct cycle *cycle,
                    const struct window *window)
{
    rehearsal->cycle = cycle;
    rehearsal->window = window;
    (void)uv_timer_init(loop, &rehearsal->begin);
    (void)uv_idle_init(loop, &rehearsal->awake);
    rehearsal->begin.data = rehearsal;
    rehearsal->awake.data = rehearsal;
}

void rehearsal_schedule(struct rehearsal *rehearsal, uint64_t closes_ms)
{
    uint64_t now_ms = monotonic_ms();

    (void)uv_timer_stop(&rehearsal->begin);
    rehearsal->closes_at_ns = closes_ms * 1000000;
    if (closes_ms >= now_ms + WINDOW_MS_MIN)
        (void)uv_timer_start(&rehearsal->begin, on_begin, closes_ms - now_ms - LEAD_MS, 0);
}

void rehearsal_rest(struct rehearsal *rehearsal)
{
    (void)uv_idle_stop(&rehearsal->awake);
}

void rehearsal_stop(struct rehearsal *rehearsal)
{
    (void)uv_timer_stop(&rehearsal->begin);
    rehearsal_rest(rehearsal);
}

void rehearsal_close(struct rehearsal *rehearsal)
{
    uv_close((uv_handle_t *)&rehearsal->begin, NULL);
    uv_close((uv_handle_t *)&rehearsal->awake, NULL);
}
