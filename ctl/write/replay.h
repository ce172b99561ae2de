/* SPDX-License-Identifier: MIT */
/*
 * An intent's entry written again: all its fields, and `replay_of` with its id.
 *
 * The new entry has a new id, which must not make it younger, or another decision, than it is. So
 * one whose time was only told by its id gets a timestamp, and one whose decision was only named by
 * its id a trace_id. What cannot be read at all needs nothing: it comes back as it is. Points into
 * the entry, which outlives it.
 */
#pragma once

#include "common/base/calendar.h"
#include "common/base/entry.h"
#include "common/redis/command.h"

enum { REPLAY_CHANGES_MAX = 4 };

struct replay {
    const struct entry *entry;
    struct entry_field changes[REPLAY_CHANGES_MAX]; /* fields it has not, or has otherwise */
    size_t change_count;
    char id[STREAM_ID_TEXT_MAX];
    char born[CALENDAR_ISO_MAX]; /* when it was written, by its id */
    char *dated;                 /* the document with that time */
};

/* What a time that is there and cannot be read becomes. */
enum unreadable_time { UNREADABLE_STAYS, UNREADABLE_IS_DATED };

void replay_init(struct replay *replay, const struct entry *entry, enum unreadable_time unreadable);
void replay_deinit(struct replay *replay);

/* Writes one more field, in place of the entry's own of that name. The texts outlive the replay. */
void replay_set(struct replay *replay, const char *name, const char *value);

/* How many names and values replay_add() adds. */
size_t replay_argument_count(const struct replay *replay);
void replay_add(const struct replay *replay, struct command *command);
