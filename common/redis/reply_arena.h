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

#include <hiredis/async.h>
#include <stddef.h>

struct reply_arena;

/* A reply of more elements ends the connection. */
struct reply_arena *reply_arena_new(size_t elements_max);
void reply_arena_free(struct reply_arena *arena);

/* From here on this reader builds its replies in the arena. */
void reply_arena_serve(struct reply_arena *arena, redisReader *reader);

/* The same for this connection's, which a reply that nobody asked for ends: hiredis would end the
 * process. What is an error is left to hiredis, which then ends the connection by its words. */
void reply_arena_serve_async(struct reply_arena *arena, redisAsyncContext *context);
