/* SPDX-License-Identifier: MIT */
/*
 * What a router remembers from cycle to cycle and cannot see in one snapshot: how many intents went
 * out while the capacity key stood still, how far the commits had come, and whether Redis came back
 * with less. Embedded in the cycle. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "router/decide/snapshot.h"

struct history {
    bool known;                             /* a snapshot was seen */
    char open_seen[SNAPSHOT_TEXT_MAX + 16]; /* the capacity key, last time */
    int64_t published_since;                /* intents, since it changed */
    uint64_t sequence;                      /* of the last commit that was confirmed or found */
    bool rolled_back;
    char resumed[SNAPSHOT_TEXT_MAX + 1]; /* as it was when the state was found to be rolled back */
};

/* A session begins: `fresh` says that Redis held no state at all, which is a loss and not an older
 * state. */
void history_begin(struct history *history, uint64_t sequence, bool fresh, const char *resumed);

/* A snapshot came: puts what is remembered into it. */
void history_see(struct history *history, struct snapshot *snapshot);

/* A commit was confirmed. */
void history_committed(struct history *history, uint64_t sequence, int64_t published);
