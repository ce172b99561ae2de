/* SPDX-License-Identifier: MIT */
#include "router/intake.h"

#include <assert.h>
#include <stdint.h>

#include "common/redis/reply.h"

/* A reply over this halves the read count; after so many smaller ones it doubles again. */
enum { REPLY_WEIGHT_MAX = 8 << 20, SMALL_REPLIES = 100 };

static void read_more(struct intake *intake);

static void adapt_read_count(struct intake *intake, const redisReply *reply)
{
    if (reply_weight(reply) > REPLY_WEIGHT_MAX) {
        intake->small_replies = 0;
        if (intake->read_count > 1)
            intake->read_count /= 2;
    } else if (intake->read_count < intake->settings->read_count &&
               ++intake->small_replies >= SMALL_REPLIES) {
        intake->small_replies = 0;
        intake->read_count *= 2;
    }
    if (intake->read_count > intake->settings->read_count)
        intake->read_count = intake->settings->read_count;
}

static void drop(struct intake *intake, const struct signal_verdict *verdict)
{
    report_drop(intake->report, intake->entry.id, verdict);
    acks_add(intake->acks, intake->entry.id, fate_of_drop(verdict->drop));
}

static void look_at(struct intake *intake)
{
    struct signal *signal;
    struct signal_verdict verdict = signal_read(&intake->settings->signal, &intake->entry,
                                                redis_clock_now(intake->clock), &signal);

    if (verdict.drop == DROP_NONE)
        window_offer(intake->window, &intake->settings->score, signal);
    else
        drop(intake, &verdict);
}

/* Points the entry at the fields in the reply; false when they are out of shape. */
static bool take_fields(struct entry *entry, const redisReply *fields)
{
    entry->count = fields->elements / 2;
    for (size_t i = 0; i < entry->count && i < ENTRY_FIELDS_MAX; i++) {
        struct reply_text name, value;
        if (!reply_read_text(fields->element[2 * i], &name) ||
            !reply_read_text(fields->element[2 * i + 1], &value))
            return false;
        entry->fields[i] = (struct entry_field){name.bytes, name.length, value.bytes, value.length};
    }
    return true;
}

/* [id, [name, value, …]]; where the fields are nil the entry was deleted while it was pending. */
static bool take_entry(struct intake *intake, const redisReply *pair, size_t *trimmed)
{
    const redisReply *fields = reply_element(pair, 1);

    if (!reply_read_stream_id(reply_element(pair, 0), &intake->entry.id))
        return false;
    if (!reply_is_array(fields, 0)) {
        acks_add(intake->acks, intake->entry.id, FATE_COUNT);
        (*trimmed)++;
        return true;
    }
    if (!take_fields(&intake->entry, fields))
        return false;
    look_at(intake);
    return true;
}

static void thin(struct intake *intake)
{
    struct window fallen = {0};

    window_thin(intake->window, &intake->settings->window, &fallen);
    for (size_t i = 0; i < fallen.count; i++) {
        report_thinned(intake->report, &fallen.candidates[i]);
        acks_add(intake->acks, fallen.candidates[i].signal->id, FATE_OUTRANKED);
    }
    window_clear(&fallen);
}

/* The entries of our one stream: [[stream, [entry, …]]]. NULL when the reply is out of shape. */
static const redisReply *entries_of(const redisReply *reply)
{
    const redisReply *entries = reply_element(reply_element(reply, 0), 1);

    return reply_is_array(entries, 0) ? entries : NULL;
}

static void finish_page(struct intake *intake, size_t trimmed)
{
    if (window_is_over(intake->window, &intake->settings->window))
        thin(intake);
    intake->trimmed += trimmed;
    if (trimmed > 0)
        report_trimmed(trimmed);
    acks_flush(intake->acks);
}

static bool take_entries(struct intake *intake, const redisReply *entries)
{
    size_t trimmed = 0;
    bool sound = true;

    for (size_t i = 0; i < entries->elements && sound; i++)
        sound = take_entry(intake, entries->element[i], &trimmed);
    finish_page(intake, trimmed);
    return sound;
}

static bool is_held(struct intake *intake, const redisReply *pair)
{
    struct stream_id id;

    return reply_read_stream_id(reply_element(pair, 0), &id) &&
           intake->events->holds(intake->owner, id);
}

void intake_claimed(struct intake *intake, const redisReply *entries, const redisReply *deleted)
{
    size_t gone = deleted && deleted->type == REDIS_REPLY_ARRAY ? deleted->elements : 0;

    if (intake->state != INTAKE_READING)
        return;
    for (size_t i = 0; i < entries->elements; i++)
        if (!is_held(intake, entries->element[i]))
            (void)take_entry(intake, entries->element[i], &gone);
    finish_page(intake, gone);
}

static void fail(struct intake *intake, const redisReply *reply)
{
    intake->events->failed(intake->owner, reply_complaint(reply));
}

/* A page of what was pending; the last one is empty. */
static void on_page(struct intake *intake, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (!entries) {
        fail(intake, reply);
        return;
    }
    if (entries->elements == 0) {
        intake->state = INTAKE_READING;
        intake->events->recovered(intake->owner);
        read_more(intake);
        return;
    }
    const redisReply *last = entries->element[entries->elements - 1];
    if (!reply_read_stream_id(reply_element(last, 0), &intake->recovered)) {
        fail(intake, reply);
        return;
    }
    read_more(intake);
    if (!take_entries(intake, entries))
        fail(intake, reply);
}

static bool is_few(const struct intake *intake, size_t entries)
{
    return entries <= (size_t)intake->read_count / 2;
}

static void on_nap_over(uv_timer_t *timer)
{
    read_more(timer->data);
}

/* A tenth of the window at most, so that a short one stays what it is; and never over its end, so
 * that what came in time is decided in time. */
static uint64_t nap_ms(const struct intake *intake)
{
    enum { AWAKE_MS = 5 };
    uint64_t longest_ms = intake->settings->window_ms / 10;
    uint64_t now_ms = monotonic_ms() + AWAKE_MS;
    uint64_t left_ms = *intake->window_ends_ms > now_ms ? *intake->window_ends_ms - now_ms : 0;

    if (longest_ms > ROUTER_READ_NAP_MS_MAX)
        longest_ms = ROUTER_READ_NAP_MS_MAX;
    return left_ms < longest_ms ? left_ms : longest_ms;
}

static void read_or_nap(struct intake *intake, size_t entries)
{
    uint64_t delay_ms = is_few(intake, entries) ? nap_ms(intake) : 0;

    if (delay_ms > 0)
        (void)uv_timer_start(&intake->nap, on_nap_over, delay_ms, 0);
    else
        read_more(intake);
}

/* What is new; nil when nothing came in time. */
static void on_news(struct intake *intake, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);
    bool nothing = reply->type == REDIS_REPLY_NIL;

    if (!entries && !nothing) {
        fail(intake, reply);
        return;
    }
    read_or_nap(intake, entries ? entries->elements : SIZE_MAX);
    if (entries && !take_entries(intake, entries))
        fail(intake, reply);
}

static void on_read(void *data, const redisReply *reply)
{
    struct intake *intake = data;

    intake->outstanding = false;
    if (!reply)
        return;
    adapt_read_count(intake, reply);
    if (intake->state == INTAKE_RECOVERING)
        on_page(intake, reply);
    else if (intake->state == INTAKE_READING)
        on_news(intake, reply);
}

static uint64_t block_ms(const struct intake *intake)
{
    uint64_t window_ms = intake->settings->window_ms;

    return window_ms < ROUTER_READ_BLOCK_MS_MAX ? window_ms : ROUTER_READ_BLOCK_MS_MAX;
}

/* Asks for the next page or the next news, unless that is on its way or not wanted. */
static void read_more(struct intake *intake)
{
    const struct keys *keys = &intake->settings->keys;
    struct command command = {0};
    uint64_t deadline_ms = link_reply_timeout_ms(intake->link);

    if (intake->state == INTAKE_IDLE || intake->outstanding || intake->paused)
        return;
    command_add_all(&command, "XREADGROUP", "GROUP", keys->group, keys->consumer, "COUNT", NULL);
    command_add_int(&command, intake->read_count);
    if (intake->state == INTAKE_READING) {
        command_add(&command, "BLOCK");
        command_add_int(&command, (int64_t)block_ms(intake));
        deadline_ms += block_ms(intake);
    }
    command_add_all(&command, "STREAMS", keys->signals, NULL);
    if (intake->state == INTAKE_READING)
        command_add(&command, ">");
    else
        command_add_id(&command, intake->recovered);
    intake->outstanding = link_send(intake->link, &command, deadline_ms, on_read, intake) == 0;
    link_flush(intake->link);
    command_free(&command);
}

void intake_init(struct intake *intake, uv_loop_t *loop)
{
    (void)uv_timer_init(loop, &intake->nap);
    intake->nap.data = intake;
}

void intake_close(struct intake *intake)
{
    uv_close((uv_handle_t *)&intake->nap, NULL);
}

void intake_start(struct intake *intake)
{
    assert(intake->state == INTAKE_IDLE && !intake->outstanding);
    intake->state = INTAKE_RECOVERING;
    intake->recovered = (struct stream_id){0};
    intake->read_count = intake->settings->read_count;
    intake->small_replies = 0;
    read_more(intake);
}

void intake_stop(struct intake *intake)
{
    intake->state = INTAKE_IDLE;
    intake->paused = false;
    (void)uv_timer_stop(&intake->nap);
}

void intake_pause(struct intake *intake)
{
    intake->paused = true;
}

void intake_resume(struct intake *intake)
{
    intake->paused = false;
    read_more(intake);
}
