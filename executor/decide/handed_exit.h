/* SPDX-License-Identifier: MIT */
/*
 * An exit that was handed over, as it is kept in Redis under its intent's id until the adapter has
 * answered it: by what it is told then, and the positions that it closes, which are those that it
 * named. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "executor/decide/position.h"

struct handed_exit {
    char symbol[SYMBOL_MAX + 1];
    char decision_id[DECISION_ID_MAX + 1];
    char signal_id[DECISION_ID_MAX + 1];
    char (*closes)[STREAM_ID_TEXT_MAX];
    size_t count;
};

/* JSON; the caller frees it. */
char *handed_exit_write(const struct order *order, const struct position *positions, size_t count);

/* On true the caller owes handed_exit_release(). */
bool handed_exit_read(const char *text, size_t length, struct handed_exit *ret_handed);
void handed_exit_release(struct handed_exit *handed);
