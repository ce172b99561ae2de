/* SPDX-License-Identifier: MIT */
/*
 * The window as people look at it while it fills: its best candidates by rank, kept up as they come
 * in, so that a look costs the same whether ten came or four thousand.
 *
 * It points to candidates that are in the window, and looks whether they still stand there before
 * it uses them. Embedded in the vitals.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/service/health.h"
#include "common/service/page.h"
#include "router/act/fact.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

enum { WINDOW_VIEW_BEST = 10, WINDOW_VIEW_BYTES_MAX = 4096 };

struct window_view {
    uint64_t moves;                          /* of the window, when these were taken */
    size_t seen;                             /* its first so many candidates */
    struct candidate best[WINDOW_VIEW_BEST]; /* by rank */
    size_t count;
    uint64_t thinned; /* fell out of this window, or did not come in */
};

/* Any fact: what has come into the window since the last one is looked at, once. */
void window_view_fact(struct window_view *view, const struct window *window,
                      const struct router_fact *fact);

/* What is known at the time of a look. */
struct window_now {
    const struct router_settings *settings;
    const struct window *window;
    uint64_t ends_ms; /* monotonic */
    enum health_state state;
    size_t deciding;  /* candidates of the cycle that is under way */
    size_t held_back; /* because Redis may lack its last seconds */
};

/* A JSON document of WINDOW_VIEW_BYTES_MAX at most. */
void window_view_print(struct window_view *view, const struct window_now *now, struct page *page);
