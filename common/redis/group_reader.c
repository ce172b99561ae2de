/* SPDX-License-Identifier: MIT */
#include "common/redis/group_reader.h"

#include "common/redis/reply.h"

/* A reply over this halves the count; after so many smaller ones it doubles again. */
enum { REPLY_WEIGHT_MAX = 4 << 20, SMALL_REPLIES = 100 };

/* Bytes of names and values. */
static size_t weigh(const redisReply *fields)
{
    size_t weight = 0;

    for (size_t i = 0; i < fields->elements; i++)
        weight += (size_t)fields->element[i]->len;
    return weight;
}

static void adapt_count(struct group_reader *reader, size_t weight)
{
    if (weight > REPLY_WEIGHT_MAX) {
        reader->small_replies = 0;
        reader->count = reader->count > 1 ? reader->count / 2 : 1;
    } else if (reader->count < reader->config.count && ++reader->small_replies >= SMALL_REPLIES) {
        reader->small_replies = 0;
        reader->count *= 2;
    }
    if (reader->count > reader->config.count)
        reader->count = reader->config.count;
}

static void on_read(void *data, const redisReply *reply);

static bool wants_more(const struct group_reader *reader)
{
    return reader->state != READER_IDLE && !reader->outstanding && !reader->paused &&
           reader->events->has_room(reader->owner);
}

static void read_more(struct group_reader *reader)
{
    const struct group_reader_config *config = &reader->config;
    struct command command = {0};
    uint64_t deadline_ms = link_reply_timeout_ms(reader->link);
    bool reads_news = reader->state == READER_READING;

    if (!wants_more(reader))
        return;
    command_add_all(&command, "XREADGROUP", "GROUP", config->group, config->consumer, "COUNT",
                    NULL);
    command_add_int(&command, reader->count);
    if (reads_news) {
        command_add(&command, "BLOCK");
        command_add_int(&command, (int64_t)config->block_ms);
        deadline_ms += config->block_ms;
    }
    command_add_all(&command, "STREAMS", config->stream, NULL);
    if (reads_news)
        command_add(&command, ">");
    else
        command_add_id(&command, reader->recovered);
    reader->outstanding = link_send(reader->link, &command, deadline_ms, on_read, reader) == 0;
    link_flush(reader->link);
    command_free(&command);
}

/* The entries of our one stream: [[stream, [entry, …]]]. NULL when the reply is out of shape. */
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
    reader->events->failed(reader->owner, reply_complaint(reply));
}

/* A page of what was pending; the last one is empty. */
static void on_page(struct group_reader *reader, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (entries && entries->elements == 0) {
        reader->state = READER_READING;
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

/* What is new; nil when nothing came in time. */
static void on_news(struct group_reader *reader, const redisReply *reply)
{
    const redisReply *entries = entries_of(reply);

    if (!entries && reply->type != REDIS_REPLY_NIL) {
        fail(reader, reply);
        return;
    }
    read_more(reader);
    if (entries && !take_entries(reader, entries))
        fail(reader, reply);
}

static void on_read(void *data, const redisReply *reply)
{
    struct group_reader *reader = data;
    bool is_old = reader->again;

    reader->outstanding = reader->again = false;
    if (!reply) {
        reader->losses++;
        return;
    }
    reader->losses = 0;
    if (is_old) {
        const redisReply *entries = entries_of(reply);
        if (entries && reader->state != READER_IDLE)
            (void)take_entries(reader, entries);
        read_more(reader);
    } else if (reader->state == READER_RECOVERING) {
        on_page(reader, reply);
    } else if (reader->state == READER_READING) {
        on_news(reader, reply);
    }
}

void group_reader_start(struct group_reader *reader)
{
    reader->state = READER_RECOVERING;
    reader->recovered = (struct stream_id){0};
    reader->count = reader->config.count >> (reader->losses < 16 ? reader->losses : 16);
    if (reader->count < 1)
        reader->count = 1;
    reader->small_replies = 0;
    reader->again = reader->outstanding;
    read_more(reader);
}

void group_reader_stop(struct group_reader *reader)
{
    reader->state = READER_IDLE;
    reader->paused = false;
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
