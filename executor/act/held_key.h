/* SPDX-License-Identifier: MIT */
/*
 * The key that says what is held. The scripts that change positions write it beside the count of
 * open orders, and do all else just as well without it: it is the last of their own keys, or it is
 * left out.
 *
 * A call that names it is refused before anything is written, where it is of a wrong type, or this
 * user lacks a right to it. Then it is let go until the next connection, that is told, and who
 * asked asks again.
 */
#pragma once

#include <hiredis/hiredis.h>

#include "executor/act/office.h"

/* A connection begins. In safe drain it is not ours. */
void held_key_begin(struct office *office);

/* How many keys it is: one, or none. */
size_t held_key_count(const struct office *office);
void held_key_add(const struct office *office, struct command *command);

/* Whether a call that named it was refused because of it. */
bool held_key_refused(struct office *office, const redisReply *reply)
    __attribute__((warn_unused_result));
