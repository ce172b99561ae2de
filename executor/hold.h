/* SPDX-License-Identifier: MIT */
/*
 * Holding: while safe mode is set, or open orders are not known where they must be, the executor
 * opens nothing. It asks a few times a second whether it still holds, and when it does no more it
 * reads once more what is pending. Part of the executor.
 */
#pragma once

#include "executor/executor.h"

/* The desk found that it holds. */
void hold_begin(struct executor *executor);

/* Asks, whatever the state. */
void hold_ask(struct executor *executor);
