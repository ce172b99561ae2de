/* SPDX-License-Identifier: MIT */
/*
 * The folder that an archive is written to: a file for each day, blocks appended one by one, each
 * whole on disk before the next; the oldest days removed where a bound is given.
 *
 * One writer at a time: the folder is locked while the store is open. A file whose end is no whole
 * block is cut there when it is opened. Embedded in the archive's struct.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/calendar.h"
#include "ctl/past/archive_block.h"

struct archive_store {
    const char *path; /* the caller's */
    int folder;       /* held open, and locked */
    int file;         /* negative: none yet */
    char day[CALENDAR_DAY_MAX];
    int64_t length; /* of the file, all of it whole blocks */
};

/* What was found at the start; the fields' texts are the store's to free. */
struct archive_found {
    int64_t cut;           /* bytes behind the last whole block */
    int64_t damaged;       /* bytes between whole blocks */
    char *position;        /* NULL: there is none yet; else the entry of that kind, as read */
    size_t position_bytes; /* its length */
};

/* 0; negative errno, EWOULDBLOCK where another one writes there. `ret_found` is to be released
 * where it was 0. */
int archive_store_open(struct archive_store *store, const char *path,
                       struct archive_found *ret_found) __attribute__((warn_unused_result));
void archive_found_release(struct archive_found *found);
void archive_store_close(struct archive_store *store);

/* Into the file of that day, or a later one that there is already. Negative errno: nothing of it is
 * there, and it may be tried again. */
int archive_store_append(struct archive_store *store, const char *day, const char *bytes,
                         size_t length) __attribute__((warn_unused_result));

/* Removes the oldest days until no more than so many bytes are left, or only the day that is
 * written; calls for each. Negative errno. */
int archive_store_trim(struct archive_store *store, int64_t bytes_max,
                       void (*removed)(const char *name)) __attribute__((warn_unused_result));
