/* SPDX-License-Identifier: MIT */
/*
 * What Redis says a group was given, held against what its reader was really given: servers from
 * 7.2 on correct `entries-read` at the first delivery behind a gap, and the gap is gone with it. So
 * what the count leaps over, beside what was read, was lost before it was read. Only for a group
 * that one reader reads alone. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/redis/group_count.h"

struct group_reads {
    bool is_known; /* since when it is held against it */
    struct stream_id delivered;
    int64_t read;
    int64_t removed;
    uint64_t given;
};

/* So many were leapt over since it began to be known, which `count` begins where it was not.
 * `given`: how many new entries the reader got, the last of them `last_given`. Negative: the two do
 * not speak of the same moment, and later ones will. */
int64_t group_reads_leapt(struct group_reads *reads, const struct group_count *count,
                          uint64_t given, struct stream_id last_given);

/* Another server, group or connection: begins anew. */
void group_reads_forget(struct group_reads *reads);
