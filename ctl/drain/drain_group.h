/* SPDX-License-Identifier: MIT */
/*
 * The stream and the group that are drained: what is in them, and which consumers are live or have
 * left entries pending. A run from the start makes a group of its own here and removes it again.
 *
 * Unlike stream_look it asks about this group alone, and counts nothing where Redis does not know
 * the lag. Functions that return negative have said why on stderr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/group_count.h"
#include "ctl/drain/drain.h"
#include "ctl/frame/ask.h"

extern const char drain_leave_lua[];

/* What stands in front of the reason that Redis gives. */
#define DRAIN_REFUSED "Redis refuses"

struct drain_place {
    struct ask ask;
    const struct drain_config *config;
};

/* A consumer that has entries pending. */
struct drain_owner {
    char *name; /* any bytes */
    size_t length;
    bool is_self;
};

struct drain_look {
    bool lacks_stream; /* and with it the group */
    bool lacks_group;
    int64_t length; /* of the stream */
    struct group_count count;
    struct stream_id last_delivered;
    int64_t pending;
    int64_t lag;                /* negative: not known */
    int64_t lost;               /* trimmed or deleted before the group was given them, at least */
    struct drain_owner *owners; /* ourselves first, then the dead */
    size_t owner_count;
    char *live; /* another consumer that is live; NULL: none */
    int64_t live_idle_ms;
};

/* A stream or group that is not there is negative, unless the place may lack it, or the group is
 * our own and not yet made. */
int drain_group_look(const struct drain_place *place, bool is_there, struct drain_look *ret_look)
    __attribute__((warn_unused_result));
void drain_look_release(struct drain_look *look);

/* Makes the run's own group, at the stream's beginning. */
int drain_group_make(const struct drain_place *place) __attribute__((warn_unused_result));

/* Removes the drain's consumer where nothing is pending for it, and the run's own group where it
 * `is_finished` and nothing is pending in it. */
int drain_group_leave(const struct drain_place *place, bool is_finished)
    __attribute__((warn_unused_result));
