/* SPDX-License-Identifier: MIT */
/*
 * A service's two connections, which live and die together: one that reads, which a blocking read
 * holds up, and one that works.
 *
 * Only because both go at once is one thing certain: all that was read is either settled or
 * pending. ready() comes when both have answered, and both as one server: two behind one address
 * are refused; and when the group is there and the scripts are loaded. down() comes once when
 * either is lost, and for each failed try. Embedded in a service's session, which closes it.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/redis/link.h"
#include "common/redis/script.h"
#include "common/redis/settings.h"

struct service_links_events {
    void (*ready)(void *owner);
    /* Before the other connection is dropped: what was waited for will not come. May be NULL. */
    void (*losing)(void *owner);
    void (*down)(void *owner, const char *reason, uint64_t retry_ms);
};

struct service_links {
    const struct service_links_events *events;
    void *owner;
    const char *stream, *group;    /* is made where it is missing; NULL: none is needed */
    struct script *const *scripts; /* at least one, closed by NULL */
    struct link *reader;
    struct link *worker;
    bool group_made; /* the owner takes it back */
    size_t loading;
    bool is_up;
    bool losing; /* both are being dropped */
    unsigned open;
    void (*closed)(void *owner);
};

/* How such connections are kept. */
struct link_config service_links_config(const struct redis_settings *settings, const char *name);

/* The members above `reader` are the caller's to set, before service_links_open(). The names are
 * for CLIENT LIST. */
void service_links_init(struct service_links *links, uv_loop_t *loop,
                        const struct redis_settings *settings, const char *const names[static 2]);
void service_links_open(struct service_links *links);

/* Whether both servers said who they are: then they are one, and otherwise nobody knows. */
bool service_links_are_known(const struct service_links *links);

/* Drops both connections; down() comes, and they are tried again. */
void service_links_drop(struct service_links *links, const char *reason);

/* It works: the next loss starts with the shortest backoff. */
void service_links_reset_backoff(struct service_links *links);

/* No event comes any more but `closed`. */
void service_links_close(struct service_links *links, void (*closed)(void *owner));
