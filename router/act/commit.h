/* SPDX-License-Identifier: MIT */
/*
 * The commit: a plan written as one call of commit.lua, and what that call answered. All or
 * nothing: it ran; or nothing was written, because the world moved, another commits, or something
 * blocks it; or the connection went and nobody knows yet. lease.c opens with why a late one changes
 * nothing.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/script.h"
#include "router/decide/plan.h"
#include "router/decide/record.h"
#include "router/decide/snapshot.h"
#include "router/decide/window.h"
#include "router/settings/settings.h"

enum commit_outcome {
    COMMIT_DONE,
    COMMIT_MOVED,   /* the world changed since the snapshot: decide again */
    COMMIT_FENCED,  /* another epoch, sequence or lease: another commits */
    COMMIT_BLOCKED, /* Redis or the state of a key does not allow it, or its answer is malformed */
    COMMIT_UNKNOWN, /* no answer: the last commit tells, on the next connection */
};

/* What became of a record. */
enum recorded {
    RECORDED,       /* behind the one that it names */
    RECORDED_ALONE, /* behind another entry: it names none */
    RECORD_OFF,     /* nobody asked for one */
    RECORD_FORBIDDEN,
    RECORD_WRONG_TYPE,
    RECORD_LAST_ID, /* the stream takes no more entries */
    RECORD_REFUSED, /* for another reason */
    RECORDED_COUNT,
};

struct commit_answer {
    enum commit_outcome outcome;
    char what[192];       /* what moved, fences or blocks */
    enum recorded record; /* with COMMIT_DONE */
    struct stream_id record_id;
};

/* What a commit is made from. */
struct commit {
    const struct script *script;
    const struct router_settings *settings;
    const struct snapshot *snapshot;
    const struct window *window;
    const struct plan *plan;
    const char *cycle_id;
    const char *lease;
    const struct record *record; /* NULL: none is written */
    const char *records_end;     /* id of the record that it names; empty: it names none */
    int64_t records_max;         /* so many, about, the stream may hold */
};

/* "forbidden", "wrong_type", …: why there is no record. */
const char *recorded_as(enum recorded recorded);

void commit_command(const struct commit *commit, struct command *ret_command);

/* Reads the answer. With COMMIT_DONE `ret_ids` gets the new entries' ids, separated by blanks, for
 * the caller to free. */
void commit_read(const redisReply *reply, struct commit_answer *ret_answer, char **ret_ids);
