/* SPDX-License-Identifier: MIT */
/*
 * An intent in hand: its way from the look at the world to its end, one question to Redis at a
 * time. The desk says when it begins and owns it until it is over. Used by the desk alone.
 */
#pragma once

#include "executor/desk.h"
#include "executor/look.h"
#include "executor/settle.h"
#include "executor/venue.h"

enum task_state { TASK_WAITING, TASK_LOOKING, TASK_BEGINNING, TASK_AT_VENUE, TASK_SETTLING };

struct task {
    struct desk *desk;
    struct task *next;
    struct order order;
    enum rule rule; /* that it breaks; RULE_NONE: it is sound */
    enum task_state state;
    uint64_t added_ms;
    uint64_t not_before_ms; /* WAITING: it rests until then */
    uint64_t answer_ms;     /* AT_VENUE: when the answer comes */
    int64_t begun;
    bool asked;     /* the venue, since its turn came */
    char note[128]; /* how an earlier handling ended */
    char mark[128]; /* SETTLING: what its mark will say; empty: it leaves none */
    struct look look;
    struct ending ending; /* SETTLING: what will have become of it */
};

/* WAITING: its turn has come. */
void task_start(struct task *task);

/* AT_VENUE: the answer is due. */
void task_answer(struct task *task);

/* Cut off while SETTLING, on a new connection: asks whether it ran. */
void task_recall(struct task *task);

/* It will not come to its end: the beginning is not held against it. */
void task_abandon(struct task *task);

void task_free(struct task *task);

/* The steps of the way, which two files share. */
void task_set_state(struct task *task, enum task_state state);
int64_t task_now_ms(const struct task *task);
void task_call(struct task *task, const struct script *script, struct command *command,
               link_reply_fn *on_reply);
void task_look(struct task *task, link_reply_fn *on_reply);
void task_fail(struct task *task, const char *why);
void task_end(struct task *task, enum outcome outcome);
void task_settle_end(struct task *task, enum outcome outcome);
void task_settle_open(struct task *task, enum outcome outcome, const struct position *position);
void task_settle_close(struct task *task, enum outcome outcome, const struct result *result);

/* What the desk does when a task is over, or is put back. */
void desk_finish(struct task *task);
void desk_finish_elsewhere(struct task *task);
void desk_put_back(struct task *task, uint64_t rest_ms);
void desk_refuse(struct task *task, const char *complaint);
void desk_tell_held(struct task *task);
void desk_venue_failed(struct task *task);
