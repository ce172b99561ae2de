/* SPDX-License-Identifier: MIT */
#include "common/service/daemon.h"

#include <assert.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

#include "common/base/memory.h"

static const int stop_signals[DAEMON_STOP_SIGNALS] = {SIGTERM, SIGINT};

static void on_stop(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;

    (void)number;
    daemon->events->stop(daemon->owner);
    for (size_t i = 0; i < DAEMON_STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&daemon->stop[i], NULL);
    uv_close((uv_handle_t *)&daemon->hangup, NULL);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;

    (void)number;
    daemon->events->reloading(daemon->owner);
    daemon->events->reload(daemon->owner, reload_read(&daemon->reload));
}

static void watch_signals(struct daemon *daemon)
{
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < DAEMON_STOP_SIGNALS; i++) {
        (void)uv_signal_init(&daemon->loop, &daemon->stop[i]);
        daemon->stop[i].data = daemon;
        (void)uv_signal_start(&daemon->stop[i], on_stop, stop_signals[i]);
    }
    (void)uv_signal_init(&daemon->loop, &daemon->hangup);
    daemon->hangup.data = daemon;
    (void)uv_signal_start(&daemon->hangup, on_hangup, SIGHUP);
}

void daemon_prepare(void)
{
    json_set_alloc_funcs(memory_raw, free);
    (void)uv_replace_allocator(memory_raw, memory_raw_resize, memory_array, free);
    json_object_seed(0);
}

int daemon_open(struct daemon *daemon, const struct reload_source *source,
                const struct options *options, const struct daemon_events *events, void *owner)
{
    int refused = uv_loop_init(&daemon->loop);

    if (refused)
        return refused;
    daemon->reload = (struct reload){.source = source, .first = options};
    daemon->events = events;
    daemon->owner = owner;
    watch_signals(daemon);
    return 0;
}

/* Until the service is closed, and then what closing left to do. */
void daemon_run(struct daemon *daemon)
{
    (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    (void)uv_run(&daemon->loop, UV_RUN_NOWAIT);
}

static void count_handle(uv_handle_t *handle, void *count)
{
    (void)handle;
    ++*(unsigned *)count;
}

int daemon_close(struct daemon *daemon)
{
    unsigned handles = 0;

    reload_deinit(&daemon->reload);
    if (uv_loop_close(&daemon->loop) == 0)
        return 0;
    uv_walk(&daemon->loop, count_handle, &handles);
    assert(handles == 0);
    return 1;
}
