/* SPDX-License-Identifier: MIT */
#include "common/redis/acks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/redis/reply.h"

/* A thousand ids hold Redis up for half a millisecond; ten thousand for four. */
enum { BATCH_MAX = 1000 };

/* One XACK on its way. */
struct batch {
    struct acks *acks;
    size_t count;
    struct ack list[];
};

void acks_add(struct acks *acks, struct stream_id id, unsigned kind)
{
    if (acks->count == acks->room) {
        acks->room = acks->room ? 2 * acks->room : BATCH_MAX;
        acks->waiting = memory_resize(acks->waiting, acks->room, sizeof *acks->waiting);
    }
    acks->waiting[acks->count++] = (struct ack){id, kind};
}

static void settle(struct acks *acks, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->list[i].kind < ACK_KINDS)
            acks->settled[batch->list[i].kind]++;
}

static void take_back(struct acks *acks, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        acks_add(acks, batch->list[i].id, batch->list[i].kind);
}

static void on_acked(void *data, const redisReply *reply)
{
    struct batch *batch = data;
    struct acks *acks = batch->acks;
    char complaint[REPLY_COMPLAINT_MAX];

    assert(acks->on_their_way > 0);
    acks->on_their_way--;
    acks->is_refusing = reply && reply->type != REDIS_REPLY_INTEGER;
    if (acks->is_refusing)
        take_back(acks, batch);
    else if (reply)
        settle(acks, batch);
    free(batch);
    if (!acks->is_refusing)
        return;
    reply_complaint_about(reply, "XACK", acks->stream, complaint);
    acks->refused(acks->owner, complaint);
}

static void send_batch(struct acks *acks, const struct ack *list, size_t count)
{
    struct batch *batch = memory_new(sizeof *batch + count * sizeof *list);
    struct command command = {0};

    batch->acks = acks;
    batch->count = count;
    memcpy(batch->list, list, count * sizeof *list);
    command_add_all(&command, "XACK", acks->stream, acks->group, NULL);
    for (size_t i = 0; i < count; i++)
        command_add_id(&command, list[i].id);
    if (link_send(acks->link, &command, link_reply_timeout_ms(acks->link), on_acked, batch) == 0)
        acks->on_their_way++;
    else
        free(batch);
    command_free(&command);
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
