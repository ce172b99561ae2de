/* SPDX-License-Identifier: MIT */
/*
 * A Lua script that is built into the program and runs by its hash. script_load() teaches it to
 * Redis when a connection opens; if Redis forgets it (SCRIPT FLUSH), the call that finds out loads
 * it again and repeats itself, once.
 */
#pragma once

#include <stddef.h>

#include "common/redis/link.h"

#define SCRIPT_HASH_MAX 41

struct script {
    const char *source;
    char hash[SCRIPT_HASH_MAX]; /* as Redis answered; empty: not loaded yet */
};

/* Calls back with NULL or what Redis objected; not at all when the connection is lost. Returns 1 as
 * link_send() does. */
int script_load(struct script *script, struct link *link,
                void (*done)(void *data, const char *complaint), void *data)
    __attribute__((warn_unused_result));

/* Starts the command EVALSHA; keys, then arguments, are the caller's to add. */
void script_command(const struct script *script, size_t key_count, struct command *ret_command);

/* As link_send(), but takes the command over. */
int script_call(const struct script *script, struct link *link, struct command *command,
                uint64_t deadline_ms, link_reply_fn *on_reply, void *data)
    __attribute__((warn_unused_result));

/* The same, and at the same moment another command, which it takes over too. Calls back with both
 * replies in an array, the script's first; or with an error, where Redis took one of the two not
 * even in. */
int script_call_beside(const struct script *script, struct link *link, struct command *command,
                       struct command *beside, uint64_t deadline_ms, link_reply_fn *on_reply,
                       void *data) __attribute__((warn_unused_result));
