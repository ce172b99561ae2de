/* SPDX-License-Identifier: MIT */
/*
 * How far the group is behind: what it was not given yet, what it was given and has not
 * acknowledged, and how old that is.
 *
 * Four questions to Redis on a connection that no read blocks, each time its owner asks. What the
 * answers do not tell is NaN: the lag, for one, after an entry ahead of the group was deleted, or
 * after a restart of Redis until the group has once been given all there is. Embedded in a
 * service's vitals.
 */
#pragma once

#include <stdbool.h>

#include "common/redis/clock.h"
#include "common/redis/group_count.h"
#include "common/redis/link.h"

struct backlog {
    const char *stream;
    const char *group;
    struct link *link;
    const struct redis_clock *clock;
    void (*told)(void *owner);
    void *owner;

    bool asking;
    double lag;
    double pending;
    double oldest_sec; /* NaN too when nothing is pending */
    double unread;     /* trimmed before the group was given them; known when it has all the rest */

    struct group_count count;
    bool is_there;      /* the group */
    char run[40];       /* which Redis it was */
    int64_t gap;        /* neither given nor waiting, when it last had all; negative: not known */
    int64_t gap_before; /* so much of it proves nothing */
};

/* Asks, unless an answer is still on its way; told() comes with all answers. */
void backlog_ask(struct backlog *backlog);
