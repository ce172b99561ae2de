/* SPDX-License-Identifier: MIT */
/*
 * A service as the machine sees it: the loop, the signals that stop it, SIGHUP that reads the
 * configuration again.
 *
 * main() owns one. daemon_open() before the service starts on `loop`, daemon_run() until it has
 * closed everything and stopped the loop, daemon_close() at the end.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/service/reload.h"

struct daemon_events {
    /* SIGTERM or SIGINT, once: the next one finds no handler and ends the process at once; what is
     * on its way then settles at the next start. */
    void (*stop)(void *owner);
    void (*reloading)(void *owner);
    /* `fresh` are settings that live until the next reload; NULL: they were refused. */
    void (*reload)(void *owner, const void *fresh);
};

enum { DAEMON_STOP_SIGNALS = 2 };

struct daemon {
    uv_loop_t loop;
    uv_signal_t stop[DAEMON_STOP_SIGNALS];
    uv_signal_t hangup;
    struct reload reload;
    const struct daemon_events *events;
    void *owner;
};

/* All memory of the libraries comes from where ours comes from. Before anything else. */
void daemon_prepare(void);

/* Negative: there is no loop to be had. */
int daemon_open(struct daemon *daemon, const struct reload_source *source,
                const struct options *options, const struct daemon_events *events, void *owner)
    __attribute__((warn_unused_result));

void daemon_run(struct daemon *daemon);

/* Returns 1 when a name that is being resolved still holds the loop, and would hold exit() too, for
 * as long as the resolver hangs; nothing that matters is in its hands. */
int daemon_close(struct daemon *daemon) __attribute__((warn_unused_result));
