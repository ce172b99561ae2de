/* SPDX-License-Identifier: MIT */
#include "common/redis/acks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* A thousand ids hold Redis up for half a millisecond; ten thousand for four. What comes back comes
 * with its fields, as a page of strays does. */
enum { BATCH_MAX = 1000, FETCH_MAX = 100 };

/* One XACK on its way, or one fetch. */
struct batch {
    struct acks *acks;
    size_t count;
    struct ack list[];
};

static void add(struct acks *acks, const struct ack *ack)
{
    if (acks->count == acks->room) {
        acks->room = acks->room ? 2 * acks->room : BATCH_MAX;
        acks->waiting = memory_resize(acks->waiting, acks->room, sizeof *acks->waiting);
    }
    acks->waiting[acks->count++] = *ack;
}

void acks_add(struct acks *acks, struct stream_id id, unsigned kind)
{
    add(acks, &(const struct ack){.id = id, .kind = kind});
}

void acks_add_stale(struct acks *acks, struct stream_id id, unsigned kind, int64_t dated_ms,
                    int64_t max_age_ms)
{
    add(acks, &(const struct ack){.id = id,
                                  .kind = kind,
                                  .dated_ms = dated_ms,
                                  .span = {.after_ms = dated_ms + max_age_ms}});
}

void acks_add_future(struct acks *acks, struct stream_id id, unsigned kind, int64_t dated_ms,
                     int64_t ahead_max_ms)
{
    add(acks, &(const struct ack){.id = id,
                                  .kind = kind,
                                  .dated_ms = dated_ms,
                                  .span = {.before_ms = dated_ms - ahead_max_ms}});
}

static bool is_aged(const struct ack *ack)
{
    return ack->span.after_ms > 0 || ack->span.before_ms > 0;
}

static void settle(struct acks *acks, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct ack *ack = &batch->list[i];
        if (ack->kind < ACK_KINDS)
            acks->settled[ack->kind]++;
        if (acks->events->aged && is_aged(ack))
            acks->events->aged(acks->owner, ack);
    }
}

static void take_back(struct acks *acks, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        add(acks, &batch->list[i]);
}

static struct batch *batch_new(struct acks *acks, const struct ack *list, size_t count)
{
    struct batch *batch = memory_new(sizeof *batch + count * sizeof *list);

    batch->acks = acks;
    batch->count = count;
    memcpy(batch->list, list, count * sizeof *list);
    return batch;
}

static void add_ids(const struct batch *batch, struct command *command)
{
    for (size_t i = 0; i < batch->count; i++)
        command_add_id(command, batch->list[i].id);
}

static void refuse(struct acks *acks, const struct batch *batch, const redisReply *reply,
                   const char *command)
{
    char complaint[REPLY_COMPLAINT_MAX];

    take_back(acks, batch);
    reply_complaint_about(reply, command, acks->stream, complaint);
    acks->events->refused(acks->owner, complaint);
}

/* --- what is judged again */

static void on_fetched(void *data, const redisReply *reply)
{
    struct batch *batch = data;
    struct acks *acks = batch->acks;

    assert(acks->on_their_way > 0);
    acks->on_their_way--;
    acks->is_refusing = reply && !reply_is_array(reply, 0);
    if (acks->is_refusing)
        refuse(acks, batch, reply, "XCLAIM");
    else if (reply)
        acks->events->returned(acks->owner, reply);
    free(batch);
}

/* They are pending for us; to claim them gives them once more. */
static void fetch(struct acks *acks, const struct ack *list, size_t count)
{
    struct batch *batch = batch_new(acks, list, count);
    struct command command = {0};

    command_add_all(&command, "XCLAIM", acks->stream, acks->group, acks->consumer, "0", NULL);
    add_ids(batch, &command);
    if (link_send(acks->link, &command, link_reply_timeout_ms(acks->link), on_fetched, batch) == 0)
        acks->on_their_way++;
    else
        free(batch);
    command_free(&command);
}

static void fetch_all(struct acks *acks, const struct batch *batch)
{
    for (size_t at = 0; at < batch->count; at += FETCH_MAX)
        fetch(acks, batch->list + at,
              batch->count - at < FETCH_MAX ? batch->count - at : FETCH_MAX);
}

/* --- the ACKs */

static void on_acked(void *data, const redisReply *reply)
{
    struct batch *batch = data;
    struct acks *acks = batch->acks;

    assert(acks->on_their_way > 0);
    acks->on_their_way--;
    acks->is_refusing = reply && reply->type != REDIS_REPLY_INTEGER;
    if (acks->is_refusing)
        refuse(acks, batch, reply, "XACK");
    else if (reply)
        settle(acks, batch);
    free(batch);
}

/* Seconds, microseconds, whether they were ACKed. */
static void on_aged_acked(void *data, const redisReply *reply)
{
    struct batch *batch = data;
    struct acks *acks = batch->acks;
    int64_t acked = 0;

    assert(acks->on_their_way > 0);
    acks->on_their_way--;
    acks->is_refusing = reply && (!redis_clock_hear(acks->clock, reply, 0) ||
                                  !reply_read_integer(reply_element(reply, 2), &acked));
    if (acks->is_refusing)
        refuse(acks, batch, reply, "XACK");
    else if (reply && acked)
        settle(acks, batch);
    else if (reply)
        fetch_all(acks, batch);
    free(batch);
}

/* Such that each one's holds. */
static struct ack_span span_of(const struct batch *batch)
{
    struct ack_span span = {0};

    for (size_t i = 0; i < batch->count; i++) {
        const struct ack_span *one = &batch->list[i].span;
        if (one->after_ms > span.after_ms)
            span.after_ms = one->after_ms;
        if (one->before_ms > 0 && (span.before_ms == 0 || one->before_ms < span.before_ms))
            span.before_ms = one->before_ms;
    }
    return span;
}

static int send_aged(struct acks *acks, struct batch *batch, struct ack_span span)
{
    struct command command;

    script_command(acks->script, 1, &command);
    command_add_all(&command, acks->stream, acks->group, NULL);
    command_add_int(&command, span.after_ms);
    command_add_int_if(&command, span.before_ms > 0, span.before_ms);
    add_ids(batch, &command);
    return script_call(acks->script, acks->link, &command, link_reply_timeout_ms(acks->link),
                       on_aged_acked, batch);
}

static int send_plain(struct acks *acks, struct batch *batch)
{
    struct command command = {0};

    command_add_all(&command, "XACK", acks->stream, acks->group, NULL);
    add_ids(batch, &command);
    int result =
        link_send(acks->link, &command, link_reply_timeout_ms(acks->link), on_acked, batch);
    command_free(&command);
    return result;
}

static void send_batch(struct acks *acks, const struct ack *list, size_t count)
{
    struct batch *batch = batch_new(acks, list, count);
    struct ack_span span = span_of(batch);
    bool is_plain = span.after_ms == 0 && span.before_ms == 0;

    if ((is_plain ? send_plain(acks, batch) : send_aged(acks, batch, span)) == 0)
        acks->on_their_way++;
    else
        free(batch);
}

void acks_flush_full(struct acks *acks)
{
    size_t at = 0;

    for (; acks->count - at >= BATCH_MAX; at += BATCH_MAX)
        send_batch(acks, acks->waiting + at, BATCH_MAX);
    if (at > 0)
        memmove(acks->waiting, acks->waiting + at, (acks->count - at) * sizeof *acks->waiting);
    acks->count -= at;
}

void acks_flush(struct acks *acks)
{
    acks_flush_full(acks);
    if (acks->count > 0)
        send_batch(acks, acks->waiting, acks->count);
    acks->count = 0;
}

void acks_take_settled(struct acks *acks, size_t kinds, uint64_t *ret_settled)
{
    assert(kinds <= ACK_KINDS);
    memcpy(ret_settled, acks->settled, kinds * sizeof *ret_settled);
    memset(acks->settled, 0, sizeof acks->settled);
}

void acks_forget(struct acks *acks)
{
    acks->count = 0;
}

void acks_deinit(struct acks *acks)
{
    assert(acks->on_their_way == 0);
    free(acks->waiting);
    *acks = (struct acks){0};
}
