/* SPDX-License-Identifier: MIT */
/*
 * The office: what all parts of the executor share. The settings, the connection that they ask and
 * write over, the scripts, Redis' clock, and who is told what has happened. Embedded in the
 * executor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/clock.h"
#include "common/redis/link.h"
#include "common/redis/script.h"
#include "executor/settings/executor_settings.h"

enum executor_script {
    SCRIPT_ARRIVE,
    SCRIPT_LOOK,
    SCRIPT_BEGIN,
    SCRIPT_FAIL,
    SCRIPT_OPEN,
    SCRIPT_CLOSE,
    SCRIPT_DECLINE,
    SCRIPT_PAPER_EXIT,
    SCRIPT_HOLD,
    SCRIPT_STATE_DOUBT,
    SCRIPT_ANSWER,
    SCRIPT_ACK,
    SCRIPT_PENDING,
    EXECUTOR_SCRIPTS,
};

struct executor_observer;
struct replicas;

struct office {
    const struct executor_settings *settings;
    const struct executor_observer *observer;
    struct link *link;
    struct replicas *replicas; /* that have what was written */
    struct redis_clock clock;  /* set by each answer that carries the time */
    bool keeps_held;           /* on this connection: held_key.h */
    void (*refused)(void *owner, const char *complaint); /* by Redis; may end the session */
    void *owner;
    struct script scripts[EXECUTOR_SCRIPTS];
    struct script *to_load[EXECUTOR_SCRIPTS + 1]; /* the same, and NULL */
};

/* The members above the scripts are the caller's to set, before anything is asked. */
void office_init(struct office *office);

/* Starts a call of a script; keys, then arguments, are the caller's to add. */
void office_command(const struct office *office, enum executor_script script, size_t key_count,
                    struct command *ret_command);

/* Both take the command over. False: the connection is gone, and no reply comes. */
bool office_call(struct office *office, enum executor_script script, struct command *command,
                 link_reply_fn *on_reply, void *data) __attribute__((warn_unused_result));
bool office_ask(struct office *office, struct command *command, link_reply_fn *on_reply, void *data)
    __attribute__((warn_unused_result));

/* For a part that Redis refuses, and that says when Redis takes what it writes again. */
void office_refuse(struct office *office, bool *is_refused, const char *complaint);
void office_accept(struct office *office, bool *is_refused);
