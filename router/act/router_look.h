/* SPDX-License-Identifier: MIT */
/*
 * Looking at the world: one script, one round trip, one moment. Builds the call of snapshot.lua and
 * reads its reply into a struct snapshot. Talks to Redis through the caller's link.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "common/redis/script.h"
#include "router/decide/snapshot.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

/* How far one looks. Redis refuses a look altogether to a user who may not read one of its keys. */
enum look_scope {
    LOOK_ALL,
    LOOK_WITHOUT_HELD, /* what is held is not named, and counts as forbidden; what is in flight is
                        */
    LOOK_MARKS,        /* neither is asked for */
};

/* Asks for the marks and cooldowns of the window's candidates too, in their order. `now_ms` names
 * the day; a moment past midnight it may name the last one, and the commit will say so. */
void router_look_command(const struct script *script, const struct router_settings *settings,
                         const struct window *window, int64_t now_ms, enum look_scope scope,
                         struct command *ret_command);

/* What goes beside it, at the same moment, with LOOK_ALL: all that is held, as far as it is looked
 * at. */
void router_look_beside(const struct keys *keys, struct command *ret_command);

/* False when the reply is an error or of another shape. On true the caller owes snapshot_release();
 * nothing is held until it was asked by router_look_read_held(). */
bool router_look_read(const redisReply *reply, size_t candidates, struct snapshot *ret_snapshot);

/* Whether what is held is asked for beside the next look, and how many symbols there are; 0: where
 * nobody can tell, too. */
bool router_look_count_held(const redisReply *reply, size_t *ret_count);

/* Of the same reply, and of the one to what was asked beside it, or NULL: what is held and in
 * flight, for the candidates of the window that was asked about. */
void router_look_read_held(const redisReply *reply, const redisReply *beside,
                           const struct window *window, struct snapshot *snapshot);

/* Why safe mode is set: a question of its own, because one who may not ask it still has to learn
 * the rest. What is no text is no reason. */
void router_look_reason_command(const struct keys *keys, struct command *ret_command);
void router_look_read_reason(const redisReply *reply, struct snapshot *snapshot);

void snapshot_release(struct snapshot *snapshot);
