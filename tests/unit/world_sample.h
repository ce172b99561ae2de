/* SPDX-License-Identifier: MIT */
/*
 * A world in a true Redis, and a router's decision about it up to the commit: one open order, the
 * fence at e1 and 5, the lease a:1, two signals pending. A test looks, changes what it is about,
 * and commits.
 */
#pragma once

#include "router/act/commit.h"
#include "router/act/router_look.h"
#include "tests/unit/redis_server.h"
#include "tests/unit/settings_sample.h"
#include "tests/unit/support.h"

struct world {
    struct redis_server server;
    struct script snapshot;
    struct script commit;
    struct router_settings settings;
    struct window window;
    struct snapshot seen;
    struct plan plan;
    struct record record; /* that a commit writes; empty: it writes none */
    const char *records_end;
    int64_t records_max;
};

/* The one of a test program. */
extern struct world world;

/* For cmocka: the group's, and each test's. */
int world_set_up(void **state);
int world_tear_down(void **state);
int world_renew(void **state);

/* The sample, whatever was there before; forgets what was decided. */
void world_begin(void);

#define EXPECT(answer, ...) redis_server_expect(&world.server, answer, __VA_ARGS__)
#define EXPECT_BETWEEN(least, most, ...)                                                           \
    redis_server_expect_between(&world.server, least, most, __VA_ARGS__)

/* What the script that looks says; the reply is the caller's. */
redisReply *world_ask(void);

/* Looks, at what is held too; the caller owes snapshot_release(). */
void world_look(struct snapshot *ret_snapshot);

/* Looks, and decides about the window; once for each world_begin(). */
void world_decide(void);

/* The record of what was decided, behind the last one's id: for the next commits. */
void world_record(const char *records_end);

/* The ids are for the caller to free, and NULL unless it was done. */
struct commit_answer world_commit(char **ret_ids);
