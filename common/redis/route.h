/* SPDX-License-Identifier: MIT */
/*
 * The way to a server, asked for at every connect: the address itself, what the name in it resolves
 * to, or where the Sentinels or the nodes of a Cluster say that it is.
 *
 * Embedded in a link, which closes it. A route knows where it led last, and looks whether it leads
 * elsewhere by now when the link asks for that.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <uv.h>

#include "common/redis/search.h"

struct resolve;

/* `host` is an address, or NULL for a unix socket; `error` NULL: found. */
typedef void route_fn(void *data, const char *host, int port, const char *error);

/* The server is elsewhere now: the next route_find() leads there. */
typedef void route_moved_fn(void *data, const char *reason);

struct route {
    uv_loop_t *loop;
    const struct redis_address *address;
    const struct tls_files *tls_files;
    uint64_t patience_ms;
    route_fn *found;
    route_moved_fn *moved;
    void *data;
    unsigned turn;
    unsigned hops; /* that led on at once, since all was well */
    struct resolve *resolve;
    struct search *search;
    struct search *look;
    struct places learned;
    struct place place; /* where it led last */
    bool is_told;       /* it leads there next */
};

void route_init(struct route *route, uv_loop_t *loop, const struct redis_address *address,
                const struct tls_files *tls_files, uint64_t connect_timeout_ms, route_fn *found,
                route_moved_fn *moved, void *data);

/* found() comes, perhaps at once. */
void route_find(struct route *route);

/* No more of what was asked is wanted. */
void route_stop(struct route *route);

/* Asks whether it still leads where it led last; moved() comes if not. */
void route_look(struct route *route);

/* Whether somebody is asked for it. */
bool route_is_guided(const struct route *route);

/* What to make of a reply. */
enum route_sign {
    ROUTE_GOOD,
    ROUTE_DOUBT, /* another server may be the right one by now */
    ROUTE_WRONG, /* this is not the server, or no longer */
};
enum route_sign route_read_sign(struct route *route, const redisReply *reply);

/* Whether the next try may follow at once: it knows where to, and has not been sent around. */
bool route_may_hurry(struct route *route);

/* All is well. */
void route_rest(struct route *route);
