/* SPDX-License-Identifier: MIT */
/*
 * How far the group is behind: what it was not given yet, what it was given and has not
 * acknowledged, and how old that is.
 *
 * Five questions to Redis on a connection that no read blocks, each time its owner asks. What the
 * answers do not tell is NaN: the lag, for one, after an entry ahead of the group was deleted, or
 * after a restart of Redis until the group has once been given all there is. Embedded in a
 * service's vitals.
 */
#pragma once

#include <stdbool.h>

#include "common/redis/clock.h"
#include "common/redis/group_count.h"
#include "common/redis/group_reader.h"
#include "common/redis/link.h"

struct backlog {
    const char *stream;
    const char *group;
    struct link *link;
    const struct redis_clock *clock;
    const struct group_reader *reader; /* alone in its group; NULL: others read there, too */
    void (*told)(void *owner);
    void *owner;

    bool asking;
    double lag;
    double pending;
    double oldest_sec; /* NaN too when nothing is pending */
    double unread;     /* trimmed before the group was given them, as far as can be told now */
    double unread_taken;
    uint64_t lost; /* all that backlog_take_lost() returned */

    struct group_count count;
    bool is_there;      /* the group */
    char run[40];       /* which Redis it was */
    int64_t gap;        /* neither given nor waiting, when it last had all; negative: not known */
    int64_t gap_before; /* so much of it proves nothing */
    bool is_proved;     /* a server that was not credible has counted right since, and is */
    int64_t missing;    /* of this gap, or of one that the group has ahead of it */
    struct group_reads reads;
};

/* Asks, unless an answer is still on its way; told() comes with all answers. */
void backlog_ask(struct backlog *backlog);

/* A session opened, and nothing new was read yet: what is gone by now was lost. Asks. */
void backlog_begin(struct backlog *backlog, struct link *link);

/* How many more were trimmed before they were read than when this was asked last. */
uint64_t backlog_take_lost(struct backlog *backlog);
