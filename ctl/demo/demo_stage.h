/* SPDX-License-Identifier: MIT */
/*
 * What the demo plays on: a temporary folder, in it a Redis of its own on a unix socket, a router
 * and an executor with configurations of their own, all without anything of the caller's
 * environment.
 *
 * demo_stage_open() starts Redis, demo_stage_connect() is asked until it answers, then comes the
 * router. demo_stage_close() ends what still runs and removes the folder, at any point. What goes
 * wrong stays in demo_stage_error().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/client.h"
#include "ctl/demo/demo_child.h"
#include "ctl/demo/demo_tail.h"
#include "router/settings.h"

struct demo_stage {
    char *folder;
    char *socket;
    char *redis_log, *router_log, *executor_log;
    char *metrics; /* host:port, or empty: this build has no HTTP */
    struct options options;
    struct router_settings settings; /* the router's, as far as a client needs them */
    struct demo_child redis, router, executor;
    struct client *client;
    struct demo_tail tail;          /* of the router's log */
    struct demo_tail executor_tail; /* of the executor's */
    char *error;
};

int demo_stage_open(struct demo_stage *stage) __attribute__((warn_unused_result));

/* 1: not yet. */
int demo_stage_connect(struct demo_stage *stage) __attribute__((warn_unused_result));

int demo_stage_start_router(struct demo_stage *stage, double window_seconds)
    __attribute__((warn_unused_result));

/* On paper: a position is held for so long. */
int demo_stage_start_executor(struct demo_stage *stage, double hold_seconds)
    __attribute__((warn_unused_result));

/* Negative when one of those that were started has ended. */
int demo_stage_check(struct demo_stage *stage) __attribute__((warn_unused_result));

/* Sets a key, or deletes it. */
int demo_stage_set(struct demo_stage *stage, const char *key, const char *value)
    __attribute__((warn_unused_result));

/* Any command; the reply is the caller's to free, and no error. */
int demo_stage_ask(struct demo_stage *stage, struct command *command, redisReply **ret_reply)
    __attribute__((warn_unused_result));

/* Drops the oldest signals once there are many. */
int demo_stage_trim(struct demo_stage *stage) __attribute__((warn_unused_result));

void demo_stage_close(struct demo_stage *stage);

const char *demo_stage_error(const struct demo_stage *stage);

/* The last lines of the log of the process that has ended, behind two blanks each, or an empty
 * text; the caller frees it. */
char *demo_stage_last_words(struct demo_stage *stage);
