/* SPDX-License-Identifier: MIT */
#include "common/redis/route.h"

#include <stdio.h>
#include <string.h>

#include "common/redis/redirect.h"
#include "common/redis/reply.h"
#include "common/redis/resolve.h"

/* Nodes that send us on to each other know no more than we do. */
enum { HOPS_MAX = 5 };

void route_init(struct route *route, uv_loop_t *loop, const struct redis_address *address,
                const struct tls_files *tls_files, uint64_t connect_timeout_ms, route_fn *found,
                route_moved_fn *moved, void *data)
{
    *route = (struct route){.loop = loop,
                            .address = address,
                            .tls_files = tls_files,
                            .patience_ms = search_patience_ms(connect_timeout_ms),
                            .found = found,
                            .moved = moved,
                            .data = data};
}

bool route_is_guided(const struct route *route)
{
    return route->address->guides.count > 0;
}

static void on_resolved(void *data, const char *address, unsigned count, const char *error)
{
    (void)count;
    struct route *route = data;

    route->resolve = NULL;
    route->found(route->data, address, route->place.port, error);
}

static void lead_to_place(struct route *route)
{
    const char *host = route->place.host;

    if (resolve_is_address(host)) {
        route->found(route->data, host, route->place.port, NULL);
        return;
    }
    route->resolve = resolve_start(route->loop, host, route->turn, on_resolved, route);
    if (!route->resolve)
        route->found(route->data, NULL, 0, "the host name cannot be resolved");
}

static void on_searched(void *data, const struct place *place, const char *error)
{
    struct route *route = data;

    route->search = NULL;
    if (!place) {
        route->found(route->data, NULL, 0, error);
        return;
    }
    route->place = *place;
    lead_to_place(route);
}

static struct search *search(struct route *route, search_fn *done)
{
    return search_start(route->loop, route->address, route->tls_files, &route->learned, route->turn,
                        route->patience_ms, done, route);
}

void route_find(struct route *route)
{
    const struct redis_address *address = route->address;

    route->turn++;
    if (route_is_guided(route) && !route->is_told) {
        route->search = search(route, on_searched);
    } else if (address->path) {
        route->found(route->data, NULL, 0, NULL);
    } else {
        if (!route_is_guided(route))
            (void)place_take(address->host, strlen(address->host), address->port, &route->place);
        route->is_told = false;
        lead_to_place(route);
    }
}

void route_stop(struct route *route)
{
    if (route->resolve)
        resolve_abandon(route->resolve);
    if (route->search)
        search_abandon(route->search);
    if (route->look)
        search_abandon(route->look);
    route->resolve = NULL;
    route->search = route->look = NULL;
}

static void on_looked(void *data, const struct place *place, const char *error)
{
    struct route *route = data;
    char text[PLACE_TEXT_MAX], reason[PLACE_TEXT_MAX + 64];

    (void)error;
    route->look = NULL;
    if (!place || place_is(place, &route->place))
        return;
    route->place = *place;
    route->is_told = true;
    place_print(place, text);
    (void)snprintf(reason, sizeof reason, "%s %s",
                   route->address->guides.kind == GUIDES_SENTINELS
                       ? "the sentinels name another master:"
                       : "another node owns the slot:",
                   text);
    route->moved(route->data, reason);
}

void route_look(struct route *route)
{
    if (route_is_guided(route) && !route->look && !route->search)
        route->look = search(route, on_looked);
}

static bool is_doubtful(const redisReply *reply)
{
    static const char *const codes[] = {"NOREPLICAS", "MASTERDOWN", "LOADING", "MISCONF",
                                        "CLUSTERDOWN"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (reply_is_error_code(reply, codes[i]))
            return true;
    return false;
}

enum route_sign route_read_sign(struct route *route, const redisReply *reply)
{
    struct place self = route->place;

    if (!reply_is_error(reply))
        return ROUTE_GOOD;
    if (reply_is_error_code(reply, "READONLY"))
        return ROUTE_WRONG;
    if (!route_is_guided(route))
        return ROUTE_GOOD;
    if (route->address->guides.kind == GUIDES_NODES && reply_is_error_code(reply, "MOVED")) {
        route->is_told = redirect_read(reply, "MOVED", &self, &route->place);
        return ROUTE_WRONG;
    }
    return is_doubtful(reply) ? ROUTE_DOUBT : ROUTE_GOOD;
}

bool route_may_hurry(struct route *route)
{
    if (route->is_told && ++route->hops > HOPS_MAX)
        route->is_told = false;
    return route->is_told;
}

void route_rest(struct route *route)
{
    route->hops = 0;
}
