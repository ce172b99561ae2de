/* SPDX-License-Identifier: MIT */
/*
 * What the executor reads: entries become orders, go to the desk, or are dropped as stale; and how
 * much it reads, while it holds or the venue is down. Part of the executor.
 */
#pragma once

#include "executor/executor.h"

/* Sets the reader and the ACKs up, on the connections that are there. */
void inbox_init(struct executor *executor, uv_loop_t *loop);

/* Entries that were read before: a dead consumer's, or ours that are to be judged once more. */
void inbox_claimed(struct executor *executor, const redisReply *entries);

/* Leaves it to the ACKs; it is told when it is one. */
void inbox_drop_stale(struct executor *executor, const struct order *order);
