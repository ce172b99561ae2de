/* SPDX-License-Identifier: MIT */
/*
 * A look at the world for one intent: the call of look.lua and what its reply says.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "executor/act/kept_position.h"
#include "executor/act/office.h"
#include "executor/decide/venue.h"

struct executor_look {
    struct world world;
    bool pending;               /* the entry is still ours to handle */
    char mark[MARK_MAX];        /* what the decision's mark says; empty: none */
    double price;               /* the last one; 0: not known */
    bool price_is_bad;          /* there is one that cannot be read */
    struct position *positions; /* that the intent closes, an exit */
    char **texts;               /* of these, as they are kept */
    size_t position_count;
    struct unreadable unreadable; /* in the intent's symbol */
};

void executor_look_command(const struct office *office, const struct order *order,
                           struct command *ret_command);

/* False when the reply is an error, or malformed. On true the caller owes
 * executor_look_release(). */
bool executor_look_read(const redisReply *reply, const struct order *order,
                        struct executor_look *ret_look);

/* What a venue looks at; lives as long as the look. */
struct market executor_look_market(const struct executor_look *look);

void executor_look_release(struct executor_look *look);

/* A count of open orders as seen() of common/redis/keys.lua tells it; false when it is missing or
 * no canonical number. */
bool executor_look_read_open(const redisReply *reply, int64_t *ret_open);
