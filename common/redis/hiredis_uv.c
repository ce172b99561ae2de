/* SPDX-License-Identifier: MIT */
#include "common/redis/hiredis_uv.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/memory.h"

/* Outlives its context by the time that uv_close() takes.
 *
 * To be told when a socket can be written costs two system calls, and it nearly always can. So what
 * is to be written is written right before the loop goes to sleep, and only what the socket did not
 * take is waited for. */
struct attachment {
    uv_poll_t poll;
    uv_prepare_t before_sleep;
    redisAsyncContext *context; /* NULL: detached */
    int events;                 /* that are polled for */
    uint64_t readings_left;
    bool has_written;
    unsigned open_handles;
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct attachment *attachment, int events)
{
    if (events == attachment->events)
        return;
    attachment->events = events;
    if (events)
        (void)uv_poll_start(&attachment->poll, events, on_poll);
    else
        (void)uv_poll_stop(&attachment->poll);
}

static void read_now(struct attachment *attachment)
{
    if (attachment->readings_left == 0) {
        watch(attachment, attachment->events & ~UV_READABLE);
        return;
    }
    attachment->readings_left--;
    redisAsyncHandleRead(attachment->context);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct attachment *attachment = poll->data;
    int due = status < 0 ? UV_READABLE | UV_WRITABLE : events;

    if (status < 0)
        attachment->events = 0; /* libuv has stopped it */
    if ((due & UV_READABLE) && attachment->context)
        read_now(attachment);
    if ((due & UV_WRITABLE) && attachment->context)
        redisAsyncHandleWrite(attachment->context);
}

/* A server that lets nobody in says why and hangs up; to write then would fail, and what it said
 * would be lost. */
static void read_before_first_write(struct attachment *attachment)
{
    if (!attachment->has_written)
        redisAsyncHandleRead(attachment->context);
    attachment->has_written = true;
}

static void on_before_sleep(uv_prepare_t *before_sleep)
{
    struct attachment *attachment = before_sleep->data;
    redisAsyncContext *context = attachment->context;

    (void)uv_prepare_stop(before_sleep);
    read_before_first_write(attachment);
    if (!attachment->context)
        return;
    redisAsyncHandleWrite(context);
    /* The context may be gone; if it is there and asked again, the socket is full. */
    if (attachment->context && uv_is_active((uv_handle_t *)before_sleep)) {
        (void)uv_prepare_stop(before_sleep);
        watch(attachment, attachment->events | UV_WRITABLE);
    }
}

static void add_read(void *data)
{
    struct attachment *attachment = data;
    if (attachment->readings_left > 0)
        watch(attachment, attachment->events | UV_READABLE);
}

static void del_read(void *data)
{
    struct attachment *attachment = data;
    watch(attachment, attachment->events & ~UV_READABLE);
}

/* While it connects, to be writable means to be connected. */
static void add_write(void *data)
{
    struct attachment *attachment = data;

    if (attachment->context->c.flags & REDIS_CONNECTED)
        (void)uv_prepare_start(&attachment->before_sleep, on_before_sleep);
    else
        watch(attachment, attachment->events | UV_WRITABLE);
}

static void del_write(void *data)
{
    struct attachment *attachment = data;

    (void)uv_prepare_stop(&attachment->before_sleep);
    watch(attachment, attachment->events & ~UV_WRITABLE);
}

static void on_closed(uv_handle_t *handle)
{
    struct attachment *attachment = handle->data;

    if (--attachment->open_handles == 0)
        free(attachment);
}

static void cleanup(void *data)
{
    struct attachment *attachment = data;

    attachment->context = NULL;
    attachment->open_handles = 2;
    uv_close((uv_handle_t *)&attachment->poll, on_closed);
    uv_close((uv_handle_t *)&attachment->before_sleep, on_closed);
}

int hiredis_uv_attach(redisAsyncContext *context, uv_loop_t *loop)
{
    struct attachment *attachment = memory_new(sizeof *attachment);

    assert(!context->ev.data);
    int error = uv_poll_init(loop, &attachment->poll, context->c.fd);
    if (error) {
        free(attachment);
        return error;
    }
    (void)uv_prepare_init(loop, &attachment->before_sleep);
    attachment->poll.data = attachment;
    attachment->before_sleep.data = attachment;
    attachment->context = context;
    attachment->readings_left = UINT64_MAX;
    context->ev.data = attachment;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    return 0;
}

void hiredis_uv_bound(redisAsyncContext *context, unsigned readings)
{
    struct attachment *attachment = context->ev.data;

    attachment->readings_left = readings;
}
