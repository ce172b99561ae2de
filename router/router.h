/* SPDX-License-Identifier: MIT */
/*
 * The router: wires intake, window, cycle and session together, and keeps the cadence.
 *
 * One for the process, on the caller's loop. router_start() begins; router_stop() ends it
 * gracefully: a commit that is on its way is waited for as long as its deadline allows, then
 * everything closes and the loop runs empty.
 */
#pragma once

#include <uv.h>

#include "common/redis/acks.h"
#include "common/redis/clock.h"
#include "common/redis/strays.h"
#include "router/act/cycle.h"
#include "router/act/intake.h"
#include "router/act/session.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"
#include "router/tell/report.h"

enum router_state {
    ROUTER_WAITING,
    ROUTER_RECOVERING,
    ROUTER_RUNNING,
    ROUTER_STOPPING,
    ROUTER_CLOSED
};

/* What the router tells whoever watches it. None of it may call the router back. */
struct router_events {
    void (*opened)(void *owner, bool group_recreated); /* a session; what is pending is read next */
    void (*running)(void *owner);                      /* what was pending is in the window */
    void (*standby)(void *owner, const char *leader);  /* connected, but another one decides */
    void (*lost)(void *owner, const char *reason);     /* the session, or a try at one */
    void (*tick)(void *owner, uint64_t late_ms);       /* a window is over */
    void (*committed)(void *owner, enum commit_outcome outcome, double seconds);
    void (*cycle)(void *owner,
                  const struct cycle_report *cycle); /* decided, its commit confirmed */
    void (*ended)(void *owner, enum cycle_end end);
    void (*refused)(void *owner, const char *complaint); /* a commit or an ACK; reading pauses */
    void (*accepted)(void *owner);                       /* reading goes on */
    void (*adopted)(void *owner); /* the settings of router_reload() are in force */
    void (*closed)(void *owner);  /* all is closed that router_stop() had to close */
};

struct router {
    struct router_settings *settings;
    const struct router_settings *fresh; /* for the next window's edge; NULL: none */
    const struct router_events *events;
    void *owner;
    enum router_state state;
    struct session session;
    struct intake intake;
    struct acks acks;
    struct cycle cycle;
    struct strays strays;
    struct window window;
    struct report report;
    struct redis_clock clock;
    bool deposed; /* the lease is gone, and the session goes after it */
    uv_timer_t tick;
    uint64_t due_ms; /* of the next tick; monotonic */
};

/* The settings are shared with everything the router is made of, and change at a window's edge. */
void router_start(struct router *router, uv_loop_t *loop, struct router_settings *settings,
                  const struct router_events *events, void *owner);

/* New settings, taken over at the window's edge; until then, or the next call, they must live. */
void router_reload(struct router *router, const struct router_settings *fresh);

/* Called again, it does not wait. */
void router_stop(struct router *router);

/* After the loop has run empty. */
void router_deinit(struct router *router);
