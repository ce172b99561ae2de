/* SPDX-License-Identifier: MIT */
/*
 * A session: both connections up, the group there, the scripts loaded, the lease ours and with it
 * the fence raised.
 *
 * Two connections live and die together, because only then is one thing certain: all that was read
 * before the fence is either committed or pending. When either is lost, both are dropped; when both
 * are back, the session opens again, with a new epoch, before anything pending is read. Heap-free:
 * embedded in the router, which closes it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/redis/script.h"
#include "common/service/service_links.h"
#include "router/act/lease.h"
#include "router/settings/settings.h"

/* The last commit, as it is found when the lease is taken, and what is seen beside it. */
struct last_commit {
    int64_t now_ms; /* Redis' clock */
    char cycle_id[INTENT_CYCLE_ID_MAX + 1];
    uint64_t sequence;      /* of the last commit */
    const char *intent_ids; /* of that cycle, separated by blanks; lives as long as the call */
    const char *record_id;  /* its record's, or empty; as long */
    bool fresh;             /* the commit hash is another one: the one that we knew was lost */
    const char *resumed;    /* what `quantumctl resume` wrote last; lives as long as the call */
    int64_t shared_ms;      /* since somebody without the lease read as our consumer; -1: nobody */
};

struct router_observer;

struct session_events {
    void (*opened)(void *owner, const struct last_commit *last, bool group_recreated);
    void (*lost)(void *owner, const char *reason, uint64_t retry_ms);
    /* After session_release(). */
    void (*released)(void *owner);
};

struct session {
    const struct router_settings *settings;
    const struct session_events *events;
    void *owner;
    const struct router_observer *observer;
    struct service_links links; /* the worker decides */
    struct lease lease;
    struct past past;
    struct script look; /* snapshot.lua */
    struct script commit;
    struct script ack;
    struct script pending;
    struct script *scripts[8]; /* all of them, closed by NULL */
    char origin[TOKEN_MAX];    /* of the commit hash that we know */
    bool was_open;             /* once in this process */
};

void session_init(struct session *session, uv_loop_t *loop, const struct router_settings *settings,
                  const struct session_events *events, void *owner,
                  const struct router_observer *observer);
void session_open(struct session *session);

/* The lease is not ours any more: tells it; lost() follows. */
void session_depose(struct session *session, const char *why);

/* Gives the lease back. Returns 1 when there is none to give; else released() follows, or lost().
 */
int session_release(struct session *session) __attribute__((warn_unused_result));

/* No event comes any more but `closed`, whose owner is the session. */
void session_close(struct session *session, void (*closed)(void *owner));
