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
#include "router/act/fact.h"
#include "router/act/intake.h"
#include "router/act/session.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

enum router_state {
    ROUTER_WAITING,
    ROUTER_RECOVERING,
    ROUTER_RUNNING,
    ROUTER_STOPPING,
    ROUTER_CLOSED
};

struct router {
    struct router_settings *settings;
    const struct router_settings *fresh; /* for the next window's edge; NULL: none */
    struct router_observer observer;
    enum router_state state;
    struct session session;
    struct intake intake;
    struct acks acks;
    struct cycle cycle;
    struct strays strays;
    struct window window;
    struct redis_clock clock;
    uv_timer_t tick;
    uint64_t due_ms; /* of the next tick; monotonic */
};

/* The settings are shared with everything the router is made of, and change at a window's edge. */
void router_start(struct router *router, uv_loop_t *loop, struct router_settings *settings,
                  struct router_observer observer);

/* New settings, taken over at the window's edge; until then, or the next call, they must live. */
void router_reload(struct router *router, const struct router_settings *fresh);

/* Called again, it does not wait. */
void router_stop(struct router *router);

/* After the loop has run empty. */
void router_deinit(struct router *router);
