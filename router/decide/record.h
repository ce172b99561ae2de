/* SPDX-License-Identifier: MIT */
/*
 * The record of a decision: what a commit writes beside its intents, so that the same decision can
 * be made again, and asked about.
 *
 * Flat texts, one a field, made from the snapshot, the window and the plan; how the rows begin can
 * be drafted before snapshot and plan are there. The cycle makes it, sends it with its commit, and
 * keeps its digest, which the next one names as the one before. Two fields the script fills in: the
 * ids of the intents, and nothing for the record before where that is not the stream's last. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/entry.h"
#include "common/base/sha256.h"
#include "router/decide/fate.h"
#include "router/decide/plan.h"
#include "router/decide/snapshot.h"
#include "router/decide/window.h"

#define RECORD_VERSION  1
#define RECORD_ROWS_MAX 65536 /* bytes; what ranks lower is counted only */

/* In the order in which they stand; new ones come at the end. */
#define RECORD_FIELDS(FIELD)                                                                       \
    FIELD(V, "v")                                                                                  \
    FIELD(CORE, "core")                                                                            \
    FIELD(CYCLE_ID, "cycle_id")                                                                    \
    FIELD(AT, "at")                                                                                \
    FIELD(ROUTER, "router")                                                                        \
    FIELD(SETTINGS, "settings")                                                                    \
    FIELD(WORLD, "world")                                                                          \
    FIELD(TALLY, "tally")                                                                          \
    FIELD(DROPS, "drops")                                                                          \
    FIELD(QUIET, "quiet")                                                                          \
    FIELD(INTENTS, "intents")                                                                      \
    FIELD(ROWS, "rows")                                                                            \
    FIELD(ROWS_LEFT, "rows_left")                                                                  \
    FIELD(PREV, "prev")                                                                            \
    FIELD(SIZES, "sizes")

#define RECORD_MEMBER(field, name) RECORD_##field,
enum record_field { RECORD_FIELDS(RECORD_MEMBER) RECORD_FIELD_COUNT };
#undef RECORD_MEMBER

/* Why a window committed nothing. */
#define QUIETS(QUIET)                                                                              \
    QUIET(EMPTY, "empty")     /* it had no candidate */                                            \
    QUIET(GAVE_UP, "gave_up") /* the world moved three times */                                    \
    QUIET(REFUSED, "refused") /* Redis did not allow it */                                         \
    QUIET(LATE, "late")       /* its end was noticed too late */

#define QUIET_MEMBER(quiet, name) QUIET_##quiet,
enum quiet { QUIETS(QUIET_MEMBER) QUIET_COUNT };
#undef QUIET_MEMBER

/* What has happened since the record before. */
struct unrecorded {
    struct tally drops; /* when they were read, and what a full window was thinned of */
    uint64_t quiet[QUIET_COUNT];
};

/* How the rows begin, of a window as it stood then. */
struct record_draft {
    char *bytes;  /* one beginning behind the other; owned */
    size_t *ends; /* of each; owned */
    size_t count;
    uint64_t moves; /* of the window */
};

struct record_source {
    const struct snapshot *snapshot;
    const struct window *window;
    const struct plan *plan;
    const struct record_draft *draft; /* of another window it is not used; may be NULL */
    const struct unrecorded *unrecorded;
    const char *cycle_id;
    const char *instance;
    const char *version;
    const char *settings; /* digest of the text of those that decide */
    const char *prev;     /* digest of the record before; empty: not known */
};

struct record {
    char *text[RECORD_FIELD_COUNT]; /* by field; owned */
};

/* "cycle_id", "rows_left", … */
const char *record_field_name(enum record_field field);
/* "empty", "late", … */
const char *quiet_name(enum quiet quiet);
/* "capacity_ok", "target_reached", …, as `world` says it. */
const char *record_state_name(enum capacity_state state);

/* Whether `tally` counts this fate, and whether `drops` does: `outranked` both, the rest one. */
bool record_tallies(enum fate fate);
bool record_drops(enum fate fate);

/* Of a window that is ranked. The caller owes record_draft_release(). */
void record_draft_make(const struct window *window, struct record_draft *ret_draft);
void record_draft_release(struct record_draft *draft);

/* The caller owes record_release(). `intents` is empty. */
void record_make(const struct record_source *source, struct record *ret_record);

/* Puts a copy in the place of a field's text. */
void record_set(struct record *record, enum record_field field, const char *text);

void record_release(struct record *record);

/* Of an entry of the stream: SHA-256 over each name and value as length, colon, bytes. */
void record_digest(const struct entry *entry, char ret_digest[static SHA256_TEXT_MAX]);
/* The same of a record as it will stand there. */
void record_digest_of(const struct record *record, char ret_digest[static SHA256_TEXT_MAX]);
