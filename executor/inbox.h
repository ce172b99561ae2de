/* SPDX-License-Identifier: MIT */
/*
 * What the executor reads: entries become orders, go to the desk, or are dropped as stale; and how
 * much it reads, while it holds or the venue is down. Part of the executor.
 */
#pragma once

#include "executor/executor.h"

/* Sets the reader up, on the connection that is there. */
void inbox_init(struct executor *executor, uv_loop_t *loop);

/* Tells it, and leaves it to the ACKs. */
void inbox_drop_stale(struct executor *executor, const struct order *order);
