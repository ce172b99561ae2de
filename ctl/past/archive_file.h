/* SPDX-License-Identifier: MIT */
/*
 * A file of an archive, read block by block while somebody may write behind its end: what does not
 * make a whole block there is no block yet. Bytes between whole blocks that are none are passed
 * over and counted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/options/options.h"

struct archive_file {
    FILE *file;
    int64_t at;      /* where it is looked for the next block */
    int64_t whole;   /* where the last one ended that was whole */
    int64_t damaged; /* bytes that were passed over */
    char *bytes;     /* the block's, unpacked, until the next one */
    size_t length;
};

/* Negative errno: it cannot be read; ENXIO: it is no file but a folder, a pipe or a device. */
int archive_file_open(const char *path, struct archive_file *ret_file)
    __attribute__((warn_unused_result));
void archive_file_close(struct archive_file *file);

/* 0; 1: there is no further block; negative errno, ENOTSUP for one that this program cannot
 * unpack. */
int archive_file_next(struct archive_file *file) __attribute__((warn_unused_result));

/* --- the files of a folder */

/* "20260119.qra". */
#define ARCHIVE_NAME_ENDING ".qra"
#define ARCHIVE_NAME_MAX    24

/* Their names, the oldest first, to be freed with names_free(). Negative errno. */
int archive_names(const char *folder, struct names *ret_names) __attribute__((warn_unused_result));
