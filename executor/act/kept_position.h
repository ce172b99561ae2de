/* SPDX-License-Identifier: MIT */
/*
 * A position as Redis keeps it, read from a list of id, value in turn, which HGETALL and the
 * scripts answer. One that cannot be read is somebody's position all the same: it holds a slot, and
 * nobody here closes it, so it is told.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "executor/decide/position.h"

/* Positions that cannot be read. */
struct unreadable {
    size_t count;
    char id[64]; /* of the last one */
};

void unreadable_note(struct unreadable *unreadable, const char *id);

/* The one whose id stands at `at`. False: it is noted. */
bool kept_position_read(const redisReply *list, size_t at, struct unreadable *unreadable,
                        struct position *ret_position) __attribute__((warn_unused_result));
