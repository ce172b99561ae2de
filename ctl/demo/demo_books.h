/* SPDX-License-Identifier: MIT */
/*
 * What the demo's Redis itself says of what came to pass: how much was written to a stream, the
 * executor's results, the positions.
 */
#pragma once

#include "common/base/stream_id.h"
#include "ctl/demo/demo_stage.h"

/* By their usual names, as the demo runs with the usual prefix. */
#define DEMO_RESULTS   "quantum:stream:execution.result"
#define DEMO_POSITIONS "quantum:paper:positions"

/* How many entries were ever added to a stream. */
int demo_books_count(struct demo_stage *stage, const char *stream, uint64_t *ret_count)
    __attribute__((warn_unused_result));

/* Intents that the executor's group was given and has not settled, or was not given yet. */
int demo_books_waiting(struct demo_stage *stage, uint64_t *ret_count)
    __attribute__((warn_unused_result));

/* A page of the executor's results behind this id; the caller frees it. */
int demo_books_results(struct demo_stage *stage, struct stream_id last, size_t count,
                       redisReply **ret_page) __attribute__((warn_unused_result));

/* How many positions exist on paper. */
int demo_books_positions(struct demo_stage *stage, int64_t *ret_count)
    __attribute__((warn_unused_result));
