/* SPDX-License-Identifier: MIT */
/*
 * Two connections that live and die together: one that reads, which a blocking read holds up, and
 * one that works.
 *
 * Only because both go at once is one thing certain: all that was read is either settled or
 * pending. up() comes when both have answered, and both as one server: two behind one address are
 * refused. down() comes once when either is lost, and for each failed try. Embedded in a service's
 * session, which closes it.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/redis/link.h"
#include "common/redis/settings.h"

struct link_pair_events {
    void (*up)(void *owner);
    /* Before the other connection is dropped: what was waited for will not come. */
    void (*losing)(void *owner);
    void (*down)(void *owner, const char *reason, uint64_t retry_ms);
};

struct link_pair {
    struct link *reader;
    struct link *worker;
    const struct link_pair_events *events;
    void *owner;
    bool is_up;
    bool losing; /* both are being dropped */
    unsigned open;
    void (*closed)(void *owner);
};

/* The names are for CLIENT LIST. */
void link_pair_init(struct link_pair *pair, uv_loop_t *loop, const struct redis_settings *settings,
                    const char *const names[static 2]);
void link_pair_open(struct link_pair *pair, const struct link_pair_events *events, void *owner);

/* Whether both servers said who they are: then they are one, and otherwise nobody knows. */
bool link_pair_is_known(const struct link_pair *pair);

/* Drops both connections; down() comes, and they are tried again. */
void link_pair_drop(struct link_pair *pair, const char *reason);

/* It works: the next loss starts with the shortest backoff. */
void link_pair_reset_backoff(struct link_pair *pair);

void link_pair_close(struct link_pair *pair, void (*closed)(void *owner));
