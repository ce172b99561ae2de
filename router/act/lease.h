/* SPDX-License-Identifier: MIT */
/*
 * The lease: which of several routers reads and decides. One key with a time to live; its value is
 * "instance:token".
 *
 * Only the holder goes on; the others ask again until it runs out. It is taken once the connections
 * are ready, renewed while they stand, given back on a clean stop. lease.c opens with what it does
 * and does not promise, and how the fence keeps a late commit out. Embedded in the session, which
 * owns the connection.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/base/token.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "router/decide/past.h"
#include "router/settings/settings.h"

#define LEASE_VALUE_MAX (INSTANCE_MAX + 1 + TOKEN_MAX)
#define LEASE_SEEN_MAX  (LEASE_VALUE_MAX + 32)

enum lease_state { LEASE_NONE, LEASE_WAITING, LEASE_HELD };

struct lease_events {
    /* It is ours; `taken` is the reply of lease_take.lua. */
    void (*taken)(void *owner, const redisReply *taken);
    /* Somebody else holds it; we ask again by ourselves. */
    void (*elsewhere)(void *owner, const char *holder);
    /* It was ours, and is not any more, or cannot be known to be. */
    void (*lost)(void *owner, const char *why);
    /* Given back, or not to be given back any more. */
    void (*released)(void *owner);
    /* Redis refuses to say. */
    void (*failed)(void *owner, const char *complaint);
};

struct lease {
    const struct router_settings *settings;
    const struct lease_events *events;
    void *owner;
    struct link *link;
    struct script take;
    struct script renew;
    struct script release;
    struct past *past; /* the owner's */
    enum lease_state state;
    bool asked_before;            /* a restart takes over at once; anything later waits */
    char epoch[TOKEN_MAX];        /* raised with the lease */
    char value[LEASE_VALUE_MAX];  /* of the last lease that was ours */
    char asking[LEASE_VALUE_MAX]; /* of the one that is asked for */
    uint64_t sent_ms;             /* the question, or the renewal, that is on its way; 0: none */
    char seen[LEASE_SEEN_MAX];    /* another one's, and its last renewal */
    uint64_t seen_until_ms;       /* so long that lives, by our own clock */
    uint64_t good_until_ms;       /* by our own clock */
    uv_timer_t timer;
};

void lease_init(struct lease *lease, uv_loop_t *loop, const struct router_settings *settings,
                struct link *link, struct past *past, const struct lease_events *events,
                void *owner);

/* Asks for it, again and again, until taken(). The scripts must be loaded. */
void lease_ask(struct lease *lease);

/* The connection is gone: so is what we know. */
void lease_forget(struct lease *lease);

/* Whether a decision may still begin under it. */
bool lease_is_good(const struct lease *lease);

/* Gives it back; released() follows, unless the connection is lost first. */
void lease_release(struct lease *lease);

void lease_close(struct lease *lease);
