/* SPDX-License-Identifier: MIT */
#include "executor/inbox.h"

#include "common/redis/reply.h"

/* Stale and deleted ones go to the ACKs at once, all others to the desk. */
void inbox_drop_stale(struct executor *executor, const struct order *order)
{
    const struct guard_rules *guards = &executor->settings->guards;
    int64_t now_ms = redis_clock_now(&executor->clock);
    int64_t max_age_ms = order->closes ? guards->exit_max_age_ms : guards->max_age_ms;

    if (now_ms - order->timestamp_ms <= max_age_ms) /* it waited while it held */
        max_age_ms = guards->resume_max_age_ms;
    acks_add_stale(&executor->acks, order->id, EXECUTOR_ACK_STALE, order->timestamp_ms, max_age_ms);
}

static void take_order(struct executor *executor, const struct order *order)
{
    const struct guard_rules *guards = &executor->settings->guards;
    struct guarded guarded = guards_ask_age(guards, order, redis_clock_now(&executor->clock), 0);

    if (guarded.verdict == GUARD_END && guarded.outcome == OUTCOME_STALE)
        inbox_drop_stale(executor, order);
    else if (executor->held && !order->closes)
        executor->held_read += !executor->claiming; /* a claimed one was read before */
    else
        desk_add(&executor->desk, order, RULE_NONE);
}

static bool on_entry(void *owner, struct stream_id id, const redisReply *fields)
{
    struct executor *executor = owner;
    struct order order;

    if (desk_has(&executor->desk, id))
        return true;
    if (!fields) {
        acks_add(&executor->acks, id, EXECUTOR_ACK_KINDS);
        executor->trimmed++;
        service_report_trimmed(1, "intent");
        return true;
    }
    executor->entry.id = id;
    if (!reply_read_fields(fields, &executor->entry))
        return false;
    enum rule rule = order_read(&executor->entry, &order);
    if (rule == RULE_NONE)
        take_order(executor, &order);
    else
        desk_add(&executor->desk, &order, rule);
    return true;
}

static void on_page(void *owner)
{
    struct executor *executor = owner;

    acks_flush(&executor->acks);
    desk_dispatch(&executor->desk);
    executor->events->moved(executor->owner);
}

/* HALF_OPEN, it reads while nobody in hand is the probe: else it would wait for ever. */
static bool breaker_allows(const struct desk *desk)
{
    switch (desk->breaker.state) {
    case BREAKER_OPEN:
        return false;
    case BREAKER_HALF_OPEN:
        return desk->busy == 0;
    case BREAKER_CLOSED:
        break;
    }
    return true;
}

/* Held, it reads on in search of exits, but not without end. */
static bool has_room(void *owner)
{
    const struct executor *executor = owner;

    if (!breaker_allows(&executor->desk))
        return false;
    if (executor->held && executor->held_read >= EXECUTOR_HELD_MAX)
        return false;
    return executor->desk.count < (size_t)executor->settings->read_count;
}

static void on_recovered(void *owner)
{
    struct executor *executor = owner;

    if (executor->state != EXECUTOR_RECOVERING)
        return; /* it read what is pending once more */
    executor_set_state(executor, EXECUTOR_RUNNING);
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

void inbox_claimed(struct executor *executor, const redisReply *entries)
{
    executor->claiming = true;
    group_reader_take(&executor->reader, entries);
    executor->claiming = false;
}

static void on_acks_refused(void *owner, const char *complaint)
{
    executor_refuse(owner, complaint);
}

static void on_returned(void *owner, const redisReply *entries)
{
    inbox_claimed(owner, entries);
}

static void on_aged(void *owner, const struct ack *ack)
{
    struct executor *executor = owner;
    const struct stale_drop drop = {ack->id, redis_clock_now(&executor->clock) - ack->dated_ms,
                                    ack->span.after_ms - ack->dated_ms};

    stale_report_add(&executor->stale, &drop);
}

static void init_acks(struct executor *executor)
{
    static const struct acks_events events = {on_acks_refused, on_returned, on_aged};
    const struct executor_keys *keys = &executor->settings->keys;

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

void inbox_init(struct executor *executor, uv_loop_t *loop)
{
    static const struct group_reader_events reader_events = {
        .has_room = has_room,
        .entry = on_entry,
        .page = on_page,
        .recovered = on_recovered,
        .failed = on_read_failed,
    };
    const struct executor_keys *keys = &executor->settings->keys;

    executor->reader = (struct group_reader){
        .config = {.stream = keys->intents,
                   .group = keys->group,
                   .consumer = keys->consumer,
                   .count = executor->settings->read_count,
                   .depth = 1,
                   .block_ms = EXECUTOR_READ_BLOCK_MS},
        .events = &reader_events,
        .owner = executor,
        .link = executor->session.links.reader,
    };
    group_reader_init(&executor->reader, loop);
    init_acks(executor);
}
