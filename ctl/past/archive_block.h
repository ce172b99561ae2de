/* SPDX-License-Identifier: MIT */
/*
 * A block of an archive file: a line that says how long it is, then its entries, packed together.
 * A file is blocks behind each other, so that one that was cut off takes nothing else with it.
 * ctl/archive/README.md has the format for those who read it otherwise. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/entry.h"
#include "common/base/sha256.h"
#include "common/base/stream_id.h"

enum archive_kind {
    ARCHIVE_DECISION,
    ARCHIVE_SIGNAL,
    ARCHIVE_RESULT,
    ARCHIVE_PRICES,   /* of one moment: symbols and values */
    ARCHIVE_SETTINGS, /* digests and texts */
    ARCHIVE_GAP,      /* of a stream: what was not had */
    ARCHIVE_POSITION, /* where each stream stands behind the block; its last entry */
    ARCHIVE_KINDS,    /* or one of the future */
};
const char *archive_kind_name(enum archive_kind kind);

/* --- written */

enum {
    ARCHIVE_ENTRY_BYTES_MAX = 8 << 20, /* a larger one is a gap */
    ARCHIVE_BLOCK_BYTES_MAX = 2 * ARCHIVE_ENTRY_BYTES_MAX,
};

/* Zeroed: it is empty. */
struct archive_block {
    char *bytes;
    size_t length, room;
    size_t entries;
};

/* An entry, then each of its names and values in turn. */
void archive_block_add(struct archive_block *block, enum archive_kind kind, struct stream_id id,
                       size_t fields);
void archive_block_text(struct archive_block *block, const char *bytes, size_t length);

/* The block as it stands in the file; the caller frees it. */
char *archive_block_seal(const struct archive_block *block, size_t *ret_length);

/* It is empty again, and keeps its room. */
void archive_block_clear(struct archive_block *block);
void archive_block_release(struct archive_block *block);

/* --- read */

/* What the line says. */
enum { ARCHIVE_HEAD_MAX = 96, ARCHIVE_PACKING_MAX = 16, ARCHIVE_CHECKSUM = 16 };
struct archive_head {
    size_t line; /* its bytes, the newline too */
    char packing[ARCHIVE_PACKING_MAX];
    size_t stored, unpacked;
    char checksum[ARCHIVE_CHECKSUM + 1];
};

/* Every block begins with it. */
#define ARCHIVE_HEAD_START "QRA1 "

/* 0; 1: it is none. */
int archive_head_read(const char *bytes, size_t length, struct archive_head *ret_head);

/* All of a block behind its line. */
static inline size_t archive_head_rest(const struct archive_head *head)
{
    return head->stored + 1;
}

/* Whether the line, and what follows it, are what they were when they were written. */
bool archive_head_agrees(const struct archive_head *head, const char *line, const char *rest);

/* An entry out of a block; its texts are the block's. The struct keeps its room from one to the
 * next, until it is released. */
struct archive_entry {
    enum archive_kind kind;
    struct stream_id id;
    size_t count;
    struct entry_field *fields;
    size_t room;
};

/* Takes the entry at `*at` and moves it behind. 1: the block is over; negative: it is not what it
 * should be. */
int archive_entry_read(const char *bytes, size_t length, size_t *at, struct archive_entry *entry);
void archive_entry_release(struct archive_entry *entry);

/* The field of that name, or NULL; whether there is one, and it has this value. */
const struct entry_field *archive_entry_find(const struct archive_entry *entry, const char *name);
bool archive_entry_has(const struct archive_entry *entry, const char *name, const char *value);

/* As one of a stream, which may have had more fields than it gets. */
void archive_entry_of_stream(const struct archive_entry *entry, struct entry *ret_entry);
