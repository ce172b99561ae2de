/* SPDX-License-Identifier: MIT */
/*
 * The entries of an archive, day after day, in the order in which they were written: streams in the
 * order of their ids, but for what another server began again, which a gap tells.
 *
 * Bounded: one block is in memory at a time. Belongs to one command; archive_reader_close() ends
 * it.
 */
#pragma once

#include "ctl/past/archive_block.h"
#include "ctl/past/archive_file.h"

struct archive_reader {
    const char *folder;
    struct names names;
    size_t next; /* of the names */
    struct archive_file file;
    bool is_open;
    size_t at; /* in the block */
    struct archive_entry entry;
    int64_t damaged; /* bytes that were no blocks, of the files before this one */
    int64_t bytes;   /* of all the files that are read, when it was opened */
    int64_t passed;  /* of those before this one */
};

/* Leaves out the days before that moment; what a day has of earlier ones is the reader's to leave
 * out. The folder outlives it. Negative errno, ENOENT where there is no file at all. */
int archive_reader_open(struct archive_reader *reader, const char *folder, int64_t since_ms)
    __attribute__((warn_unused_result));
void archive_reader_close(struct archive_reader *reader);

/* 0: there is an entry; 1: there is none more; negative errno. */
int archive_reader_next(struct archive_reader *reader) __attribute__((warn_unused_result));

/* Bytes that were no blocks, up to here. */
int64_t archive_reader_damaged(const struct archive_reader *reader);

/* How much of the files was read, from 0 to 1. */
double archive_reader_share(const struct archive_reader *reader);

/* What a negative errno means here, in a few words. */
const char *archive_problem(int error);
