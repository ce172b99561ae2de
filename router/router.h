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
#include "router/tell/router_watched.h"

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

/* What may be looked at, for as long as the router lives. */
struct router_watched router_watched(const struct router *router);

/* New settings, taken over at the window's edge; until then, or the next call, they must live. */
void router_reload(struct router *router, const struct router_settings *fresh);

/* Called again, it does not wait. */
void router_stop(struct router *router);

/* After the loop has run empty. */
void router_deinit(struct router *router);
