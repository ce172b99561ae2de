/* SPDX-License-Identifier: MIT */
/*
 * An intent in hand: its way from the look at the world to its end, one question to Redis at a
 * time.
 *
 *   WAITING ─> LOOKING ─guards─> BEGINNING ─counted─> AT_VENUE ─answer─> SETTLING ─> over
 *      ^          │                                      │                  │
 *      │          └──── a guard ends it ─────────────────┼────────────> SETTLING
 *      └── the venue failed; what was seen has changed; Redis refused ──────┘
 *
 * The way back to WAITING takes the beginning back with it: only one that was cut off counts.
 *
 * Its owner says when it begins, and is told what it came to. Then the task is over, or WAITING
 * again. To tell is the last thing that it does, so it may be freed then.
 */
#pragma once

#include "executor/act/executor_look.h"
#include "executor/act/settle.h"
#include "executor/decide/outcome.h"
#include "executor/decide/turns.h"

struct task;

/* What it says to its owner. */
enum task_word {
    TASK_UNDER_WAY, /* asks the venue: task_answer_due() is to be called at answer_ms */

    TASK_ENDED,     /* over, and confirmed: `ending` tells how */
    TASK_STALE,     /* over: too old, and the owner's to ACK */
    TASK_ELSEWHERE, /* over: somebody else settled it */
    TASK_FORGOTTEN, /* over: recalled, and nothing can be told of it */

    TASK_MOVED,      /* waiting: what it saw is no longer so */
    TASK_HELD,       /* waiting: for the end of a hold */
    TASK_FAULTY,     /* waiting: something is wrong with its symbol, or with its own keys */
    TASK_UNANSWERED, /* waiting: the venue as a whole does not answer */
    TASK_REFUSED,    /* waiting: Redis does not allow it, and likely no other's */
};

/* What the tasks of a desk share. */
struct task_kit {
    struct office *office;
    bool stopping; /* nothing is begun any more */
    void (*said)(void *owner, struct task *task, enum task_word word, const char *why);
    void *owner;
};

/* Where it is. */
enum task_state { TASK_WAITING, TASK_LOOKING, TASK_BEGINNING, TASK_AT_VENUE, TASK_SETTLING };

struct task {
    const struct task_kit *kit;
    struct turn turn;
    struct task *next_lost;
    struct order order;
    enum rule rule; /* that it breaks; RULE_NONE: it is sound */
    enum task_state state;
    uint64_t added_ms;
    uint64_t answer_ms; /* AT_VENUE: when the answer comes, on paper its latency later */
    int64_t begun;
    bool has_begun;  /* a beginning is counted, and not taken back */
    bool asked;      /* the venue, since its turn came */
    char note[128];  /* how an earlier handling ended */
    char fault[160]; /* what was wrong with its symbol when it was last tried */
    struct executor_look look;

    /* SETTLING: what will have become of it. */
    struct ending ending;
    struct result result;
    char reason[64];     /* of the result of one that is invalid */
    char mark[MARK_MAX]; /* empty: it leaves none of its own */
};

struct task *task_new(const struct task_kit *kit, const struct order *order, enum rule rule);
void task_free(struct task *task);

/* WAITING: its turn has come. */
void task_start(struct task *task);

/* AT_VENUE: answer_ms has come. */
void task_answer_due(struct task *task);

/* Cut off while SETTLING, on a new connection: asks whether the script ran. Where it has not, it
 * still may, and nothing is told. */
void task_recall(struct task *task);

/* The process stops before its end: the beginning is not held against it. */
void task_abandon(struct task *task);
