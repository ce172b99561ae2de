/* SPDX-License-Identifier: MIT */
/*
 * The beginning of an intent's handling, counted before the venue is asked, and taken back when
 * nothing came of it that was the intent's doing: the calls of begin.lua and fail.lua, and what the
 * former answers. Builds and reads; sends nothing.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/redis/script.h"
#include "executor/settings/executor_settings.h"

struct beginning {
    bool is_gone;   /* the entry is pending no more */
    int64_t count;  /* of beginnings that did not end, this one included */
    char note[128]; /* how the one before ended */
};

void beginning_command(const struct script *script, const struct executor_settings *settings,
                       const struct order *order, struct command *ret_command);

void beginning_fail_command(const struct script *script, const struct executor_settings *settings,
                            const struct order *order, const char *why,
                            struct command *ret_command);

/* False when the reply is an error or of another shape. */
bool beginning_read(const redisReply *reply, struct beginning *ret_beginning);
