/* SPDX-License-Identifier: MIT */
#include "router/act/intake.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "common/redis/reply.h"
#include "router/act/fact.h"
#include "router/act/router_look.h"

static void drop(struct intake *intake, const struct signal_verdict *verdict)
{
    const struct signal_rules *rules = &intake->settings->signal;
    struct stream_id id = intake->entry.id;
    enum fate fate = fate_of_drop(verdict->drop);

    if (verdict->drop == DROP_STALE)
        acks_add_stale(intake->acks, id, fate, verdict->dated_ms, rules->max_age_ms);
    else if (verdict->drop == DROP_INVALID && verdict->rule == RULE_FUTURE)
        acks_add_future(intake->acks, id, fate, verdict->dated_ms, rules->future_max_ms);
    else
        acks_add(intake->acks, id, fate);
}

static void fall(struct intake *intake, const struct candidate *candidate)
{
    router_tell(intake->observer, (struct router_fact){FACT_THINNED, .thinned = candidate});
    acks_add(intake->acks, candidate->signal->id, FATE_OUTRANKED);
}

static void on_shared_id(void *owner, const struct signal *signal, const char *field)
{
    struct intake *intake = owner;

    router_tell(intake->observer, (struct router_fact){FACT_SHARED_ID, .hint = {signal, field}});
}

static void look_at(struct intake *intake)
{
    const struct router_settings *settings = intake->settings;
    struct signal_draft draft;
    struct signal_verdict verdict =
        signal_judge(&settings->signal, &intake->entry, intake->now_ms, &draft);

    if (verdict.drop != DROP_LOW_CONFIDENCE)
        behind_note(&intake->behind, &verdict, monotonic_ms());
    router_tell(intake->observer,
                (struct router_fact){FACT_JUDGED, .judged = {&intake->entry, &verdict}});
    if (verdict.drop != DROP_NONE) {
        drop(intake, &verdict);
        return;
    }
    const char *near_size = signal_near_size(&settings->signal, &draft);
    if (near_size)
        router_tell(intake->observer,
                    (struct router_fact){FACT_NEAR_SIZE, .hint = {&draft.signal, near_size}});
    struct candidate candidate = ranking_score(&settings->score, &draft.signal);
    if (window_would_drop(intake->window, &candidate)) {
        fall(intake, &candidate);
        signal_discard(&draft);
    } else {
        inner_ids_name(&intake->inner_ids, &draft, on_shared_id, intake);
        candidate.signal = signal_make(&settings->signal, &draft);
        window_add(intake->window, candidate);
    }
}

/* The clock is read once for all entries of a reply. */
static bool on_entry(void *owner, struct stream_id id, const redisReply *fields)
{
    struct intake *intake = owner;

    if (intake->claiming && intake->events->holds(intake->owner, id))
        return true;
    if (!fields) {
        acks_add(intake->acks, id, FATE_COUNT);
        intake->page_trimmed++;
        return true;
    }
    if (intake->now_ms == 0)
        intake->now_ms = redis_clock_now(intake->clock);
    intake->entry.id = id;
    if (!reply_read_fields(fields, &intake->entry))
        return false;
    look_at(intake);
    return true;
}

void intake_thin(struct intake *intake, struct window *window)
{
    struct window fallen = {0};

    if (!window_is_over(window, &intake->settings->window))
        return;
    window_thin(window, &intake->settings->window, &fallen);
    for (size_t i = 0; i < fallen.count; i++)
        fall(intake, &fallen.candidates[i]);
    window_clear(&fallen);
}

/* --- a glance at Redis before a full window is thinned
 *
 * Which of its candidates will be passed over whatever happens, because they are duplicates or
 * their symbol's cooldown lasts? They fall first, and count as outranked as all that fall do; else
 * a window could be full of them, and those that would be published in their place be gone. Each
 * candidate is asked about once. The intake waits for no answer: what is read meanwhile comes into
 * the window, up to twice its size.
 */

/* The candidates that nothing is known of, in the window's order; their signals stay the window's.
 */
static struct window unseen(const struct window *window)
{
    struct window some = {0};

    some.candidates = memory_array(window->count, sizeof *some.candidates);
    for (size_t i = 0; i < window->count; i++)
        if (!window->candidates[i].is_seen)
            some.candidates[some.count++] = window->candidates[i];
    return some;
}

/* A mark outlasts its signals. A rest that is shorter than the window may be over at its end. The
 * answers stand in the window's order; what came since stands behind those that were asked about.
 */
static void note_marked_and_cooling(struct intake *intake, const struct snapshot *snapshot)
{
    const struct router_settings *settings = intake->settings;
    struct window *window = intake->window;
    bool rests_on = settings->cooldown_sec * 1000 >= (int64_t)settings->window_ms;
    size_t at = 0;

    for (size_t i = 0; i < window->count && at < intake->glance.count; i++) {
        struct candidate *candidate = &window->candidates[i];
        if (candidate->is_seen)
            continue;
        candidate->is_seen = true;
        candidate->is_hopeless =
            snapshot->marked[at] == '1' || (rests_on && snapshot->cooling[at] == '1');
        at++;
    }
}

static void on_glanced(void *data, const redisReply *reply)
{
    struct intake *intake = data;
    struct snapshot snapshot;

    intake->glance.asking = false;
    if (!reply || intake->glance.moves != intake->window->moves)
        return;
    if (router_look_read(reply, intake->glance.count, &snapshot)) {
        note_marked_and_cooling(intake, &snapshot);
        snapshot_release(&snapshot);
    }
    intake_thin(intake, intake->window);
}

static bool send_glance(struct intake *intake, const struct window *some)
{
    struct command command;

    if (some->count == 0)
        return false;
    router_look_command(intake->look, intake->settings, some, redis_clock_now(intake->clock),
                        LOOK_MARKS, &command);
    bool sent = script_call(intake->look, intake->worker, &command,
                            link_reply_timeout_ms(intake->worker), on_glanced, intake) == 0;
    link_flush(intake->worker);
    return sent;
}

/* Asks, unless that is under way. False: there is nothing to ask about, or nobody to ask. */
static bool glance(struct intake *intake)
{
    if (intake->glance.asking)
        return true;
    if (!intake->worker || !link_is_up(intake->worker))
        return false;
    struct window some = unseen(intake->window);
    intake->glance.moves = intake->window->moves;
    intake->glance.count = some.count;
    intake->glance.asking = send_glance(intake, &some);
    free(some.candidates);
    return intake->glance.asking;
}

/* Twice as much, and what is on its way. */
static bool has_outgrown(const struct intake *intake)
{
    const struct window_limits *limits = &intake->settings->window;
    size_t coming = ROUTER_READS_MAX * (size_t)intake->settings->read_count;

    return window_is_over(
        intake->window,
        &(struct window_limits){2 * limits->candidates_max + coming, 2 * limits->weight_max});
}

/* Knowing who has no hope, unless to learn that takes too long. */
static void relieve(struct intake *intake)
{
    if (!window_is_over(intake->window, &intake->settings->window))
        return;
    if ((intake->glance.asking && has_outgrown(intake)) || !glance(intake))
        intake_thin(intake, intake->window);
}

/* With a backlog ACKs are as good as any time later, and cheaper by the thousand. */
static void on_page(void *owner)
{
    struct intake *intake = owner;

    intake->now_ms = 0;
    relieve(intake);
    if (intake->page_trimmed > 0)
        router_tell(intake->observer,
                    (struct router_fact){FACT_TRIMMED, .trimmed = intake->page_trimmed});
    intake->page_trimmed = 0;
    if (intake->reader.is_behind)
        acks_flush_full(intake->acks);
    else
        acks_flush(intake->acks);
}

/* A tenth of the window at most, so that a short one stays what it is; and never over its end, so
 * that what came in time is decided in time. */
static uint64_t nap_ms(void *owner)
{
    enum { LAST_READ_MS = 5 };
    const struct intake *intake = owner;
    uint64_t longest_ms = intake->settings->window_ms / 10;
    uint64_t now_ms = monotonic_ms() + LAST_READ_MS;
    uint64_t left_ms = *intake->window_ends_ms > now_ms ? *intake->window_ends_ms - now_ms : 0;

    if (longest_ms > ROUTER_READ_NAP_MS_MAX)
        longest_ms = ROUTER_READ_NAP_MS_MAX;
    return left_ms < longest_ms ? left_ms : longest_ms;
}

static void on_recovered(void *owner)
{
    struct intake *intake = owner;

    intake->events->recovered(intake->owner);
}

static void on_failed(void *owner, const char *complaint)
{
    struct intake *intake = owner;

    intake->events->failed(intake->owner, complaint);
}

void intake_init(struct intake *intake, uv_loop_t *loop, struct link *link)
{
    static const struct group_reader_events events = {
        .nap_ms = nap_ms,
        .entry = on_entry,
        .page = on_page,
        .recovered = on_recovered,
        .failed = on_failed,
    };
    const struct keys *keys = &intake->settings->keys;

    intake->reader = (struct group_reader){
        .config = {.stream = keys->signals,
                   .group = keys->group,
                   .consumer = keys->consumer,
                   .pending = intake->pending,
                   .count = intake->settings->read_count,
                   .depth = ROUTER_READS_MAX},
        .events = &events,
        .owner = intake,
        .link = link,
    };
    intake_adopt(intake);
    group_reader_init(&intake->reader, loop);
}

void intake_adopt(struct intake *intake)
{
    uint64_t window_ms = intake->settings->window_ms;

    intake->reader.config.block_ms =
        window_ms < ROUTER_READ_BLOCK_MS_MAX ? window_ms : ROUTER_READ_BLOCK_MS_MAX;
}

void intake_returned(struct intake *intake, const redisReply *entries)
{
    intake->claiming = true;
    group_reader_take(&intake->reader, entries);
    intake->claiming = false;
}

void intake_claimed(struct intake *intake, const redisReply *entries, const redisReply *deleted)
{
    if (intake->reader.state != READER_READING)
        return;
    intake->page_trimmed += reply_is_array(deleted, 0) ? deleted->elements : 0;
    intake_returned(intake, entries);
}
