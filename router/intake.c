/* SPDX-License-Identifier: MIT */
#include "router/intake.h"

#include <assert.h>
#include <stdint.h>

#include "common/redis/reply.h"

/* A reply over this halves the read count; after so many smaller ones it doubles again. */
enum { REPLY_WEIGHT_MAX = 8 << 20, SMALL_REPLIES = 100 };

/* What is gathered over the entries of one reply. */
struct page {
    size_t weight;  /* bytes of names and values */
    size_t trimmed; /* entries that are no longer there */
};

static void read_more(struct intake *intake);

static void adapt_read_count(struct intake *intake, size_t weight)
{
    if (weight > REPLY_WEIGHT_MAX) {
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

static void fall(struct intake *intake, const struct candidate *candidate)
{
    report_thinned(intake->report, candidate);
    acks_add(intake->acks, candidate->signal->id, FATE_OUTRANKED);
}

static void look_at(struct intake *intake)
{
    const struct router_settings *settings = intake->settings;
    struct signal_draft draft;
    struct signal_verdict verdict =
        signal_judge(&settings->signal, &intake->entry, intake->now_ms, &draft);

    if (verdict.drop != DROP_NONE) {
        drop(intake, &verdict);
        return;
    }
    struct candidate candidate = ranking_score(&settings->score, &draft.signal);
    if (window_would_drop(intake->window, &candidate)) {
        fall(intake, &candidate);
        signal_discard(&draft);
    } else {
        window_offer(intake->window, &settings->score, signal_make(&settings->signal, &draft));
    }
}

/* Points the entry at the fields in the reply; false when they are out of shape. */
static bool take_fields(struct entry *entry, const redisReply *fields, size_t *weight)
{
    entry->count = fields->elements / 2;
    for (size_t i = 0; i < entry->count && i < ENTRY_FIELDS_MAX; i++) {
        struct reply_text name, value;
        if (!reply_read_text(fields->element[2 * i], &name) ||
            !reply_read_text(fields->element[2 * i + 1], &value))
            return false;
        entry->fields[i] = (struct entry_field){name.bytes, name.length, value.bytes, value.length};
        *weight += name.length + value.length;
    }
    return true;
}

/* [id, [name, value, …]]; where the fields are nil the entry was deleted while it was pending. */
static bool take_entry(struct intake *intake, const redisReply *pair, struct page *page)
{
    const redisReply *fields = reply_element(pair, 1);

    if (!reply_read_stream_id(reply_element(pair, 0), &intake->entry.id))
        return false;
    if (!reply_is_array(fields, 0)) {
        acks_add(intake->acks, intake->entry.id, FATE_COUNT);
        page->trimmed++;
        return true;
    }
    if (!take_fields(&intake->entry, fields, &page->weight))
        return false;
    look_at(intake);
    return true;
}

static void thin(struct intake *intake)
{
    struct window fallen = {0};

    window_thin(intake->window, &intake->settings->window, &fallen);
    for (size_t i = 0; i < fallen.count; i++)
        fall(intake, &fallen.candidates[i]);
    window_clear(&fallen);
}

/* The entries of our one stream: [[stream, [entry, …]]]. NULL when the reply is out of shape. */
static const redisReply *entries_of(const redisReply *reply)
{
    const redisReply *entries = reply_element(reply_element(reply, 0), 1);

    return reply_is_array(entries, 0) ? entries : NULL;
}

/* With a backlog ACKs are as good as any time later, and cheaper by the thousand. */
static void finish_page(struct intake *intake, const struct page *page)
{
    if (window_is_over(intake->window, &intake->settings->window))
        thin(intake);
    intake->trimmed += page->trimmed;
    if (page->trimmed > 0)
        words_trimmed(page->trimmed, "signal");
    if (intake->is_behind)
        acks_flush_full(intake->acks);
    else
        acks_flush(intake->acks);
}

static bool take_entries(struct intake *intake, const redisReply *entries)
{
    struct page page = {0};
    bool sound = true;

    intake->now_ms = redis_clock_now(intake->clock);
    for (size_t i = 0; i < entries->elements && sound; i++)
        sound = take_entry(intake, entries->element[i], &page);
    finish_page(intake, &page);
    adapt_read_count(intake, page.weight);
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
    struct page page = {.trimmed = reply_is_array(deleted, 0) ? deleted->elements : 0};

    if (intake->state != INTAKE_READING)
        return;
    intake->now_ms = redis_clock_now(intake->clock);
    for (size_t i = 0; i < entries->elements; i++)
        if (!is_held(intake, entries->element[i]))
            (void)take_entry(intake, entries->element[i], &page);
    finish_page(intake, &page);
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

/* Few came: there is time. Many came: there is a backlog, and the next reads go out before these
 * entries are looked at. */
static void read_on(struct intake *intake, size_t entries)
{
    uint64_t delay_ms = is_few(intake, entries) ? nap_ms(intake) : 0;

    intake->is_behind = !is_few(intake, entries);
    if (delay_ms == 0)
        read_more(intake);
    else if (intake->outstanding == 0)
        (void)uv_timer_start(&intake->nap, on_nap_over, delay_ms, 0);
}

/* What is new; nil when nothing came in time. */
static void on_news(struct intake *intake, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (reply->type == REDIS_REPLY_NIL) {
        intake->is_behind = false;
        read_more(intake);
    } else if (!entries) {
        fail(intake, reply);
    } else {
        read_on(intake, entries->elements);
        if (!take_entries(intake, entries))
            fail(intake, reply);
    }
}

static void on_read(void *data, const redisReply *reply)
{
    struct intake *intake = data;

    intake->outstanding--;
    if (!reply)
        return;
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

/* One read: it waits for those before it, and they may block. */
static int send_read(struct intake *intake)
{
    const struct keys *keys = &intake->settings->keys;
    struct command command = {0};
    uint64_t deadline_ms = link_reply_timeout_ms(intake->link);

    command_add_all(&command, "XREADGROUP", "GROUP", keys->group, keys->consumer, "COUNT", NULL);
    command_add_int(&command, intake->read_count);
    if (intake->state == INTAKE_READING) {
        command_add(&command, "BLOCK");
        command_add_int(&command, (int64_t)block_ms(intake));
        deadline_ms += (intake->outstanding + 1) * block_ms(intake);
    }
    command_add_all(&command, "STREAMS", keys->signals, NULL);
    if (intake->state == INTAKE_READING)
        command_add(&command, ">");
    else
        command_add_id(&command, intake->recovered);
    int result = link_send(intake->link, &command, deadline_ms, on_read, intake);
    command_free(&command);
    return result;
}

/* Asks for the next page or the next news, as far as that is not on its way and is wanted. */
static void read_more(struct intake *intake)
{
    unsigned most = intake->is_behind ? ROUTER_READS_MAX : 1;

    if (intake->state == INTAKE_IDLE || intake->paused)
        return;
    while (intake->outstanding < most && send_read(intake) == 0)
        intake->outstanding++;
    link_flush(intake->link);
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
    assert(intake->state == INTAKE_IDLE && intake->outstanding == 0);
    intake->state = INTAKE_RECOVERING;
    intake->recovered = (struct stream_id){0};
    if (intake->read_count == 0)
        intake->read_count = intake->settings->read_count;
    intake->small_replies = 0;
    intake->is_behind = false;
    read_more(intake);
}

/* What ends amid the pages may have ended because Redis would not hold so large a reply: it would
 * end there again and again. */
void intake_stop(struct intake *intake)
{
    if (intake->state == INTAKE_RECOVERING && intake->read_count > 1)
        intake->read_count /= 2;
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
