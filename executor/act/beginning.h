/* SPDX-License-Identifier: MIT */
/*
 * The beginning of an intent's handling: counted before the venue is asked, and taken back when
 * nothing came of it that was the intent's doing. What was counted and never ended, ended with its
 * process or its connection. Builds the calls and reads the answer; sends nothing.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#include "executor/act/office.h"

struct beginning {
    bool is_gone;   /* the entry is pending no more */
    int64_t count;  /* of beginnings that did not end, this one included */
    char note[128]; /* how the one before ended */
};

void beginning_command(const struct office *office, const struct order *order,
                       struct command *ret_command);

/* False: the reply is an error, or malformed. */
bool beginning_read(const redisReply *reply, struct beginning *ret_beginning);

/* Takes it back; `why` is the note of the next one. */
void beginning_fail_command(const struct office *office, const struct order *order, const char *why,
                            struct command *ret_command);
