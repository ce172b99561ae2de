/* SPDX-License-Identifier: MIT */
/*
 * The executor: takes intents from their stream, leads each to its one end, and keeps the count of
 * open orders.
 *
 * It wires office, connection, inbox, hold, desk, exits on paper and adapter together. Why a kill
 * at any instant neither executes twice nor loses is told in open.lua.
 *
 * One for the process, on the caller's loop.
 */
#pragma once

#include <uv.h>

#include "common/redis/acks.h"
#include "common/redis/strays.h"
#include "executor/act/adapter.h"
#include "executor/act/desk.h"
#include "executor/act/executor_fact.h"
#include "executor/act/executor_session.h"
#include "executor/act/hold.h"
#include "executor/act/inbox.h"
#include "executor/act/office.h"
#include "executor/act/paper_exits.h"
#include "executor/act/replicas.h"
#include "executor/act/state_doubt.h"

enum executor_state {
    EXECUTOR_WAITING,
    EXECUTOR_RECOVERING,
    EXECUTOR_RUNNING,
    EXECUTOR_STOPPING,
    EXECUTOR_CLOSED,
};

struct executor {
    struct executor_settings *settings;
    struct executor_observer observer;
    enum executor_state state;
    struct office office;
    struct executor_session session;
    struct inbox inbox;
    struct hold hold;
    struct acks acks;
    struct strays strays;
    struct desk desk;
    struct state_doubt doubt;
    struct paper_exits paper_exits;
    struct adapter adapter;
    struct replicas replicas;
    uv_timer_t timer; /* ends a stop that takes too long */
};

/* The settings are shared with everything the executor is made of. */
void executor_start(struct executor *executor, uv_loop_t *loop, struct executor_settings *settings,
                    struct executor_observer observer);

/* The new settings are in force at once. */
void executor_reload(struct executor *executor, const struct executor_settings *fresh);

/* What is being settled is waited for, 800 ms at most. Called again, it does not wait. */
void executor_stop(struct executor *executor);

/* After the loop has run empty. */
void executor_deinit(struct executor *executor);
