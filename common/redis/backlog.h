/* SPDX-License-Identifier: MIT */
/*
 * How far the group is behind: what it was not given yet, what it was given and has not
 * acknowledged, and how old that is.
 *
 * Three questions to Redis on a connection that no read blocks, every few seconds. What an answer
 * does not tell is NaN: the lag, for one, after an entry ahead of the group was deleted. Embedded
 * in a service's vitals.
 */
#pragma once

#include <stdbool.h>

#include "common/redis/clock.h"
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

    struct stream_id delivered;
};

/* Asks, unless an answer is still on its way; told() comes with all answers. */
void backlog_ask(struct backlog *backlog);
