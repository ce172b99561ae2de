/* SPDX-License-Identifier: MIT */
/*
 * A glance at Redis before a full window is thinned: which of its candidates will be passed over
 * whatever happens, because their decision was published already or their symbol rests. They fall
 * first; else a window could be full of them, and those that would be published in their place be
 * gone. Each candidate is asked about once. Embedded in the intake, which waits for no answer: what
 * is read meanwhile comes into the window, up to twice its size.
 */
#pragma once

#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

struct glance {
    const struct router_settings *settings;
    struct window *window;
    const struct redis_clock *clock;
    const struct script *look; /* snapshot.lua */
    struct link *link;         /* NULL: nobody is asked */
    void (*done)(void *owner); /* the window knows more now, or will not know it */
    void *owner;

    bool asking;
    uint64_t asked_moves; /* of the window, when it was asked */
    size_t asked_count;   /* about the first so many that nothing was known of */
};

/* Asks, unless that is under way. False: there is nothing to ask about, or nobody to ask. */
bool glance_ask(struct glance *glance);
