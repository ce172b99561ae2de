/* SPDX-License-Identifier: MIT */
/*
 * Replies in one piece: hiredis builds a reply of many small parts, and to allocate each of them
 * costs more than to read it. Here all parts of a reply lie one behind the other in a block that
 * the next reply uses again; a reply that needs more gets further blocks, and these go with it.
 *
 * One arena serves one connection after another, but only one at a time: hiredis frees a reply
 * before it begins the next. It must outlive the last reply.
 */
#pragma once

#include <hiredis/hiredis.h>

struct reply_arena;

struct reply_arena *reply_arena_new(void);
void reply_arena_free(struct reply_arena *arena);

/* From here on this reader builds its replies in the arena. */
void reply_arena_serve(struct reply_arena *arena, redisReader *reader);
