/* SPDX-License-Identifier: MIT */
/*
 * A world in a true Redis, and a router's decision about it up to the commit: one open order, the
 * fence at e1 and 5, the lease a:1, two signals pending. A test looks, changes what it is about,
 * and commits.
 */
#pragma once

#include "router/commit.h"
#include "router/observe.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/support.h"

struct world {
    struct redis_server server;
    struct script snapshot;
    struct script commit;
    struct router_settings settings;
    struct window window;
    struct snapshot seen;
    struct plan plan;
};

void world_start(struct world *world);
void world_stop(struct world *world);

/* The sample, whatever was there before; forgets what was decided. */
void world_begin(struct world *world);

/* Looks; the reply is the caller's. */
redisReply *world_ask(struct world *world);

/* Looks, and decides about the window; once for each world_begin(). */
void world_decide(struct world *world);

/* The ids are for the caller to free, and NULL unless it was done. */
struct commit_answer world_commit(struct world *world, char **ret_ids);
