/* SPDX-License-Identifier: MIT */
/*
 * The executor's session with Redis: both connections are up, the scripts are loaded, the group is
 * there, dead consumers are gone. It opens again after each loss. Embedded in the executor, which
 * closes it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/service/service_links.h"
#include "executor/act/kept_position.h"
#include "executor/act/office.h"

/* What was found, and made, on arriving. */
struct arrival {
    int64_t now_ms; /* Redis' clock */
    bool group_made;
    bool group_recreated; /* made after a session of this process */
    int64_t count_made;   /* of open orders; -1: none was made */
    struct unreadable unreadable;
    const redisReply *removed; /* names of dead consumers, from `removed_at` on */
    size_t removed_at;
};

struct executor_session_events {
    void (*opened)(void *owner, const struct arrival *arrival);
    void (*lost)(void *owner, const char *reason, uint64_t retry_ms);
};

struct executor_session {
    struct office *office;
    const struct executor_session_events *events;
    void *owner;
    struct service_links links;
    bool was_open;
};

/* Sets the office's link. */
void executor_session_init(struct executor_session *session, uv_loop_t *loop, struct office *office,
                           const struct executor_session_events *events, void *owner);
void executor_session_open(struct executor_session *session);

/* No event comes any more but `closed`, whose owner is the session. */
void executor_session_close(struct executor_session *session, void (*closed)(void *owner));
