/* SPDX-License-Identifier: MIT */
/*
 * Whether the router may publish more than the executor takes. Each of the two leaves its pace, in
 * intents a minute, in a hash of its own, where the other finds it, and compares both when a
 * session begins or its settings change. What is missing, no number, or forbidden is not compared:
 * nothing depends on it.
 *
 * Told once in a process. Embedded in the service's vitals; it outlives the link.
 */
#pragma once

#include <stdbool.h>

#include "common/redis/link.h"

struct pace_watch {
    bool is_routers;
    const char *own_key, *other_key; /* the settings' */
    double own;                      /* 0: there is nothing to compare */
    bool is_told;
};

/* Leaves this pace, and asks for the other's. */
void pace_watch_leave(struct pace_watch *watch, struct link *link, double per_minute);
