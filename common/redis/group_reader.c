/* SPDX-License-Identifier: MIT */
#include "common/redis/group_reader.h"

#include <assert.h>

#include "common/redis/reply.h"

/* A reply over this halves the count; after so many smaller ones it doubles again. */
enum { REPLY_WEIGHT_MAX = 8 << 20, SMALL_REPLIES = 100 };

/* Bytes of names and values. */
static size_t weigh(const redisReply *fields)
{
    size_t weight = 0;

    for (size_t i = 0; i < fields->elements; i++)
        weight += (size_t)fields->element[i]->len;
    return weight;
}

static void halve_count(struct group_reader *reader)
{
    reader->small_replies = 0;
    if (reader->count > 1)
        reader->count /= 2;
}

static void adapt_count(struct group_reader *reader, size_t weight)
{
    if (weight > REPLY_WEIGHT_MAX) {
        halve_count(reader);
    } else if (reader->count < reader->config.count && ++reader->small_replies >= SMALL_REPLIES) {
        reader->small_replies = 0;
        reader->count *= 2;
    }
    if (reader->count > reader->config.count)
        reader->count = reader->config.count;
}

static void on_read(void *data, const redisReply *reply);

static int ask_for_bounded_page(struct group_reader *reader)
{
    const struct group_reader_config *config = &reader->config;
    struct command command;

    script_command(config->pending, 1, &command);
    command_add_all(&command, config->stream, config->group, config->consumer, NULL);
    command_add_id(&command, reader->recovered);
    command_add_int(&command, reader->count);
    return script_call(config->pending, reader->link, &command, link_reply_timeout_ms(reader->link),
                       on_read, reader);
}

/* News wait for the reads before them, and these may block. */
static int ask(struct group_reader *reader, bool for_news)
{
    const struct group_reader_config *config = &reader->config;
    uint64_t deadline_ms = link_reply_timeout_ms(reader->link);
    struct command command = {0};

    command_add_all(&command, "XREADGROUP", "GROUP", config->group, config->consumer, "COUNT",
                    NULL);
    command_add_int(&command, reader->count);
    if (for_news) {
        command_add(&command, "BLOCK");
        command_add_int(&command, (int64_t)config->block_ms);
        deadline_ms += (reader->outstanding + 1) * config->block_ms;
    }
    command_add_all(&command, "STREAMS", config->stream, NULL);
    if (for_news)
        command_add(&command, ">");
    else
        command_add_id(&command, reader->recovered);
    int result = link_send(reader->link, &command, deadline_ms, on_read, reader);
    command_free(&command);
    return result;
}

static int send_read(struct group_reader *reader)
{
    bool for_news = reader->state == READER_READING;

    return !for_news && reader->is_wary ? ask_for_bounded_page(reader) : ask(reader, for_news);
}

static bool wants_more(const struct group_reader *reader)
{
    unsigned most = reader->is_behind ? reader->config.depth : 1;

    return reader->state != READER_IDLE && !reader->paused && reader->outstanding < most &&
           (!reader->events->has_room || reader->events->has_room(reader->owner));
}

static void read_more(struct group_reader *reader)
{
    while (wants_more(reader) && send_read(reader) == 0)
        reader->outstanding++;
    link_flush(reader->link);
}

static void on_nap_over(uv_timer_t *timer)
{
    read_more(timer->data);
}

/* Few came: there may be time. Many came: there is a backlog, and the next reads go out before
 * these entries are looked at. */
static void read_on(struct group_reader *reader, size_t entries)
{
    bool is_few = entries <= (size_t)reader->count / 2;
    bool may_nap = is_few && reader->events->nap_ms;
    uint64_t delay_ms = may_nap ? reader->events->nap_ms(reader->owner) : 0;

    reader->is_behind = !is_few;
    if (delay_ms == 0)
        read_more(reader);
    else if (reader->outstanding == 0)
        (void)uv_timer_start(&reader->nap, on_nap_over, delay_ms, 0);
}

/* The entries of our one stream: [[stream, [entry, …]]]. NULL when the reply is malformed. */
static const redisReply *entries_of(const redisReply *reply)
{
    const redisReply *entries = reply_element(reply_element(reply, 0), 1);

    return reply_is_array(entries, 0) ? entries : NULL;
}

/* [id, [name, value, …]]; where the fields are nil the entry was deleted while it was pending. */
static bool take_entry(struct group_reader *reader, const redisReply *pair, size_t *weight)
{
    const redisReply *fields = reply_element(pair, 1);
    struct stream_id id;

    if (!reply_read_stream_id(reply_element(pair, 0), &id))
        return false;
    if (!reply_is_array(fields, 0))
        return reader->events->entry(reader->owner, id, NULL);
    *weight += weigh(fields);
    return reader->events->entry(reader->owner, id, fields);
}

static bool take_entries(struct group_reader *reader, const redisReply *entries)
{
    bool sound = true;
    size_t weight = 0;

    for (size_t i = 0; i < entries->elements && sound; i++)
        sound = take_entry(reader, entries->element[i], &weight);
    adapt_count(reader, weight);
    reader->events->page(reader->owner);
    return sound;
}

void group_reader_take(struct group_reader *reader, const redisReply *entries)
{
    if (reader->state != READER_IDLE)
        (void)take_entries(reader, entries);
}

static void fail(struct group_reader *reader, const redisReply *reply)
{
    char complaint[REPLY_COMPLAINT_MAX];

    reply_complaint_about(reply, "XREADGROUP", reader->config.stream, complaint);
    reader->events->failed(reader->owner, complaint);
}

/* A page of what was pending; the last one is empty. */
static void on_page(struct group_reader *reader, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (entries && entries->elements == 0) {
        reader->state = READER_READING;
        reader->news_answered = reader->is_wary = false;
        reader->events->recovered(reader->owner);
        read_more(reader);
        return;
    }
    if (!entries || !reply_read_stream_id(reply_element(entries->element[entries->elements - 1], 0),
                                          &reader->recovered)) {
        fail(reader, reply);
        return;
    }
    bool sound = take_entries(reader, entries);
    if (sound)
        read_more(reader);
    else
        fail(reader, reply);
}

/* Of what is pending nothing is new. */
static void count_given(struct group_reader *reader, const redisReply *entries)
{
    struct stream_id last;

    if (entries->elements == 0 ||
        !reply_read_stream_id(reply_element(entries->element[entries->elements - 1], 0), &last) ||
        stream_id_compare(last, reader->last_given) <= 0)
        return;
    reader->given += entries->elements;
    reader->last_given = last;
}

/* What is new; nil when nothing came in time. */
static void on_news(struct group_reader *reader, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    reader->news_answered = true;
    if (reply->type == REDIS_REPLY_NIL) {
        reader->is_behind = false;
        read_more(reader);
    } else if (!entries) {
        fail(reader, reply);
    } else {
        read_on(reader, entries->elements);
        count_given(reader, entries);
        if (!take_entries(reader, entries))
            fail(reader, reply);
    }
}

/* Of an older start: what it brings is taken, but says nothing of how far this one is. */
static void on_old(struct group_reader *reader, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (entries && reader->state != READER_IDLE) {
        count_given(reader, entries);
        (void)take_entries(reader, entries);
    }
    read_more(reader);
}

static void on_read(void *data, const redisReply *reply)
{
    struct group_reader *reader = data;
    bool is_old = reader->old > 0;

    reader->outstanding--;
    reader->old -= is_old;
    if (!reply)
        return;
    if (is_old)
        on_old(reader, reply);
    else if (reader->state == READER_RECOVERING)
        on_page(reader, reply);
    else if (reader->state == READER_READING)
        on_news(reader, reply);
}

void group_reader_init(struct group_reader *reader, uv_loop_t *loop)
{
    assert(reader->config.depth >= 1);
    reader->count = reader->config.count;
    (void)uv_timer_init(loop, &reader->nap);
    reader->nap.data = reader;
}

void group_reader_close(struct group_reader *reader)
{
    uv_close((uv_handle_t *)&reader->nap, NULL);
}

void group_reader_start(struct group_reader *reader)
{
    group_reader_start_after(reader, (struct stream_id){0});
}

void group_reader_start_after(struct group_reader *reader, struct stream_id id)
{
    reader->state = READER_RECOVERING;
    reader->recovered = id;
    reader->small_replies = 0;
    reader->is_behind = false;
    reader->old = reader->outstanding;
    (void)uv_timer_stop(&reader->nap);
    read_more(reader);
}

/* What ends between the pages, or before the first news, may have ended because Redis would not
 * hold so large a reply: so would the next one. */
void group_reader_stop(struct group_reader *reader)
{
    bool is_unanswered = reader->state == READER_READING && !reader->news_answered;

    if (is_unanswered)
        halve_count(reader);
    if (is_unanswered || reader->state == READER_RECOVERING)
        reader->is_wary = true;
    reader->state = READER_IDLE;
    reader->paused = false;
    (void)uv_timer_stop(&reader->nap);
}

void group_reader_pause(struct group_reader *reader)
{
    reader->paused = true;
}

void group_reader_resume(struct group_reader *reader)
{
    reader->paused = false;
    read_more(reader);
}
