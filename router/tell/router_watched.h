/* SPDX-License-Identifier: MIT */
/*
 * The router as those see it who watch it: the state that it is in, what it tells them, and what of
 * its parts they may look at. None of it may call the router back.
 */
#pragma once

#include "router/act/cycle.h"
#include "router/act/intake.h"
#include "router/act/session.h"
#include "router/decide/window.h"
#include "router/tell/report.h"

enum router_state {
    ROUTER_WAITING,
    ROUTER_RECOVERING,
    ROUTER_RUNNING,
    ROUTER_STOPPING,
    ROUTER_CLOSED
};

/* What the router tells those who watch it. */
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

struct router_watched {
    const enum router_state *state;
    const struct session *session;
    const struct intake *intake;
    const struct cycle *cycle;
    const struct window *window;
    const struct report *report;
    const struct redis_clock *clock;
};
