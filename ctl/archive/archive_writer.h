/* SPDX-License-Identifier: MIT */
/*
 * What is written to a store: entries gather in a block of one day, which is closed with where the
 * streams stand and appended. One that the disk does not take waits, and nothing is gathered
 * meanwhile. Embedded in the archive's struct.
 */
#pragma once

#include "ctl/archive/archive_store.h"

struct archive_writer {
    struct archive_store store;
    struct archive_block block;
    char day[CALENDAR_DAY_MAX]; /* that the block's first entry came */
    uint64_t begun_ms;          /* monotonic: when that was */
    char *sealed;               /* it is to be written; NULL: none */
    size_t sealed_length;
};

/* Begins an entry at that moment of Redis' clock; its texts follow. */
void archive_writer_add(struct archive_writer *writer, int64_t now_ms, enum archive_kind kind,
                        struct stream_id id, size_t fields);
void archive_writer_text(struct archive_writer *writer, const char *text);
void archive_writer_pair(struct archive_writer *writer, const char *name, const char *value);

/* Whether a block is to be closed: it is full, waits for so long, or its day is over. */
bool archive_writer_is_full(const struct archive_writer *writer);
bool archive_writer_is_due(const struct archive_writer *writer, int64_t now_ms, int64_t wait_ms);

/* Whether there is something to be closed, with a position behind it. */
bool archive_writer_has_block(const struct archive_writer *writer);
void archive_writer_close_block(struct archive_writer *writer);

/* Writes what was closed, if there is something. Negative errno: it waits. */
int archive_writer_write(struct archive_writer *writer) __attribute__((warn_unused_result));

void archive_writer_release(struct archive_writer *writer);
