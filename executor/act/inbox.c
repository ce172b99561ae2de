/* SPDX-License-Identifier: MIT */
#include "executor/act/inbox.h"

#include "common/redis/reply.h"

static bool is_walking(const struct inbox *inbox)
{
    return inbox->again.state != READER_IDLE;
}

/* The second reader comes by itself to what lies ahead of it. */
static void note_left(struct inbox *inbox, struct stream_id id)
{
    if (!inbox->has_left || stream_id_compare(id, inbox->left) < 0)
        inbox->left = id;
    inbox->has_left = true;
    inbox->has_passed |= is_walking(inbox) && stream_id_compare(id, inbox->again.recovered) <= 0;
}

/* --- what was left */

static void walk(struct inbox *inbox)
{
    if (is_walking(inbox) || !inbox->has_left || inbox->news.state == READER_IDLE ||
        !desk_has_room(inbox->desk))
        return;
    inbox->has_left = inbox->has_passed = false;
    group_reader_start_after(&inbox->again, stream_id_before(inbox->left));
}

/* What was left while it walked may lie before where it was. */
static void on_walked(void *owner)
{
    struct inbox *inbox = owner;

    group_reader_stop(&inbox->again);
    walk(inbox);
}

void inbox_read_again(struct inbox *inbox, struct stream_id from)
{
    note_left(inbox, from);
    walk(inbox);
}

/* --- an entry */

static void offer(struct inbox *inbox, const struct order *order, enum rule rule)
{
    if (desk_offer(inbox->desk, order, rule) == TURNS_FULL)
        note_left(inbox, order->id);
}

static void take(struct inbox *inbox, struct stream_id id, bool may_overtake)
{
    const struct office *office = inbox->office;
    struct order order;
    enum rule rule = order_read(&inbox->entry, &order);
    bool is_opening = rule == RULE_NONE && !order.closes;
    struct guarded guarded = {.verdict = GUARD_PASS};

    if (rule == RULE_NONE)
        guarded =
            guards_ask_age(&office->settings->guards, &order, redis_clock_now(&office->clock), 0);
    if (guarded.verdict == GUARD_END && guarded.outcome == OUTCOME_STALE)
        inbox->events->stale(inbox->owner, &order);
    else if (is_opening && state_doubt_holds(inbox->doubt, &order))
        inbox->doubt->held_back++; /* pending; read again when that is over */
    else if (is_opening && !may_overtake)
        note_left(inbox, id);
    else
        offer(inbox, &order, rule);
}

static bool on_entry(struct inbox *inbox, struct stream_id id, const redisReply *fields,
                     bool may_overtake)
{
    if (desk_has(inbox->desk, id))
        return true;
    if (!fields) {
        inbox->events->deleted(inbox->owner, id);
        return true;
    }
    inbox->entry.id = id;
    if (!reply_read_fields(fields, &inbox->entry))
        return false;
    take(inbox, id, may_overtake);
    return true;
}

static bool on_news(void *owner, struct stream_id id, const redisReply *fields)
{
    struct inbox *inbox = owner;

    return on_entry(inbox, id, fields, !is_walking(inbox) && !inbox->has_left);
}

/* During a hold the desk takes only what will not be executed: that waits for nobody. */
static bool on_again(void *owner, struct stream_id id, const redisReply *fields)
{
    struct inbox *inbox = owner;

    return on_entry(inbox, id, fields, !inbox->has_passed || desk_holds(inbox->desk));
}

/* --- the readers */

static void on_page(void *owner)
{
    struct inbox *inbox = owner;

    desk_dispatch(inbox->desk);
    inbox->events->page(inbox->owner);
    walk(inbox);
}

static bool reads_news(void *owner)
{
    const struct inbox *inbox = owner;

    return desk_reads(inbox->desk);
}

static bool reads_again(void *owner)
{
    const struct inbox *inbox = owner;

    return desk_has_room(inbox->desk);
}

static void on_recovered(void *owner)
{
    struct inbox *inbox = owner;

    inbox->events->recovered(inbox->owner);
}

static void on_failed(void *owner, const char *complaint)
{
    struct inbox *inbox = owner;

    inbox->events->failed(inbox->owner, complaint);
}

void inbox_init(struct inbox *inbox, uv_loop_t *loop)
{
    static const struct group_reader_events news = {.has_room = reads_news,
                                                    .entry = on_news,
                                                    .page = on_page,
                                                    .recovered = on_recovered,
                                                    .failed = on_failed};
    static const struct group_reader_events again = {.has_room = reads_again,
                                                     .entry = on_again,
                                                     .page = on_page,
                                                     .recovered = on_walked,
                                                     .failed = on_failed};
    const struct executor_settings *settings = inbox->office->settings;
    const struct executor_keys *keys = &settings->keys;
    const struct group_reader_config config = {.stream = keys->intents,
                                               .group = keys->group,
                                               .consumer = keys->consumer,
                                               .pending = &inbox->office->scripts[SCRIPT_PENDING],
                                               .count = settings->read_count,
                                               .depth = 1,
                                               .block_ms = EXECUTOR_READ_BLOCK_MS};

    inbox->news = (struct group_reader){
        .config = config, .events = &news, .owner = inbox, .link = inbox->reader_link};
    inbox->again = (struct group_reader){
        .config = config, .events = &again, .owner = inbox, .link = inbox->office->link};
    group_reader_init(&inbox->news, loop);
    group_reader_init(&inbox->again, loop);
}

void inbox_start(struct inbox *inbox)
{
    inbox->has_left = inbox->has_passed = false;
    group_reader_start(&inbox->news);
}

void inbox_stop(struct inbox *inbox)
{
    group_reader_stop(&inbox->news);
    group_reader_stop(&inbox->again);
}

void inbox_resume(struct inbox *inbox)
{
    group_reader_resume(&inbox->news);
    group_reader_resume(&inbox->again);
    walk(inbox);
}

void inbox_take(struct inbox *inbox, const redisReply *entries)
{
    group_reader_take(&inbox->news, entries);
}

void inbox_close(struct inbox *inbox)
{
    group_reader_close(&inbox->news);
    group_reader_close(&inbox->again);
}
