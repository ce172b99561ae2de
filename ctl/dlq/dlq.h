/* SPDX-License-Identifier: MIT */
/*
 * quantumctl dlq: what its parts share: which letters are meant, and a walk over them.
 */
#pragma once

#include "ctl/ask.h"
#include "ctl/dlq/dead_letter.h"
#include "ctl/live_mode.h"

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
    const char *letters;       /* the streams */
    const char *intents;
    const char *processed;       /* start of the executor's marks */
    char symbol[SYMBOL_MAX + 1]; /* that is meant; empty: any */
    int64_t now_ms;
    int64_t older_ms, younger_ms; /* negative: not asked for */
    int64_t taken;                /* letters that were meant */
    bool has_more;                /* --max ended the walk */
};

/* Negative ends the walk. */
typedef int dlq_letter_fn(struct dlq *dlq, const struct dead_letter *letter, void *data);

/* Calls for each letter that is meant, from the oldest on, --max at most. */
int dlq_walk(struct dlq *dlq, dlq_letter_fn *take, void *data) __attribute__((warn_unused_result));

/* The letters as a document, whole or as they are listed. */
int dlq_print_json(struct dlq *dlq, bool is_whole);

/* The parts; the exit status. */
int dlq_list(struct dlq *dlq);
int dlq_show(struct dlq *dlq);
int dlq_redrive(struct dlq *dlq);
int dlq_drop(struct dlq *dlq);
