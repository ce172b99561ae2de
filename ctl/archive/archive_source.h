/* SPDX-License-Identifier: MIT */
/*
 * A stream that is followed page by page, with an eye on what is trimmed or deleted before it was
 * read: the stream says how many entries it was ever given, and each that is taken is counted
 * against that.
 *
 * Embedded in the archive's struct; owns nothing.
 */
#pragma once

#include "common/redis/client.h"
#include "ctl/past/archive_block.h"

/* Where a stream stands: the entry that was taken last, and how many it was given up to that one;
 * negative: nobody knows yet. */
struct archive_position {
    struct stream_id last;
    int64_t added;
};

#define ARCHIVE_AT_THE_BEGINNING ((struct archive_position){.added = -1})

/* What was not had. */
struct archive_gap {
    struct stream_id after, before; /* 0-0: not known */
    int64_t lost;                   /* negative: not known */
    const char *why;
};

struct archive_source {
    enum archive_kind kind;
    const char *stream;
    struct archive_position at;
    int64_t page; /* so many entries are asked for at once */
};

/* Who takes what is read. An entry that is not taken (false) is read again. */
struct archive_sink {
    bool (*take)(void *owner, const struct archive_source *source, struct stream_id id,
                 const redisReply *fields);
    void (*miss)(void *owner, const struct archive_source *source, const struct archive_gap *gap);
    void *owner;
};

/* 0: there may be more; 1: all was read; 2: Redis refuses, and `ret_why` says why, to be freed;
 * negative: the connection broke. */
int archive_source_read(struct archive_source *source, struct client *client,
                        const struct archive_sink *sink, char **ret_why)
    __attribute__((warn_unused_result));
