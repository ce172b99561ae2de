/* SPDX-License-Identifier: MIT */
/*
 * quantumctl dlq: what its parts share: a dead letter, which of them are meant, and the walk over
 * these.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/base/entry.h"
#include "common/redis/reply.h"
#include "common/trade/signal.h"
#include "ctl/frame/ask.h"
#include "ctl/frame/command.h"

extern const struct ctl_command dlq_command;
extern const char dlq_redrive_lua[];

/* An intent's entry, and why it could not be processed. Points into the reply that it was read
 * from. */
struct dead_letter {
    struct stream_id id;
    struct stream_id intent_id; /* 0-0: it names none */
    struct reply_text reason;
    struct reply_text count;
    struct reply_text last_error;
    char symbol[SYMBOL_MAX + 1]; /* empty: it cannot be read */
    struct entry intent;         /* its own fields, under its own id */
};

struct dlq_values {
    int mode; /* enum live_mode */
    char *reason;
    char *symbol;
    char *older_than;
    char *younger_than;
    int64_t max;
    bool all;
    char *executor_config;
    bool json;
};

struct dlq {
    struct ask ask;
    const struct dlq_values *values;
    const struct names *words; /* what to do comes first, then ids */
    const char *dead_letters;  /* the streams */
    const char *intents;
    const char *processed;       /* start of the executor's marks */
    char symbol[SYMBOL_MAX + 1]; /* that is meant; empty: any */
    int64_t now_ms;
    int64_t older_ms, younger_ms; /* negative: not asked for */
    int64_t taken;                /* dead letters that were meant */
    bool has_more;                /* --max ended the walk */
};

/* Negative ends the walk. */
typedef int dlq_take_fn(struct dlq *dlq, const struct dead_letter *dead_letter, void *data);

/* Calls for each dead letter that is meant, from the oldest on, --max at most. */
int dlq_walk(struct dlq *dlq, dlq_take_fn *take, void *data) __attribute__((warn_unused_result));

/* What can be done. Each returns the exit status. */
int dlq_list(struct dlq *dlq);
int dlq_show(struct dlq *dlq);
int dlq_redrive(struct dlq *dlq);
int dlq_drop(struct dlq *dlq);
