/* SPDX-License-Identifier: MIT */
/*
 * What Redis' counters prove of a group: how far it is behind, and what was removed before it was
 * given it.
 *
 * Redis writes what a group was given to its append-only file, and to replicas, without the count
 * of it: after a load `entries-read` may be that of the file's base, and then it stays too low. The
 * ids stay true. So the count is credible only in a Redis that has not loaded it from a base. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/stream_id.h"
#include "common/redis/reply.h"

/* Negative: not known. */
struct group_count {
    int64_t length;
    int64_t added; /* ever */
    struct stream_id first, last;
    bool has_deleted; /* one by one: the counters tell nothing of these */
    struct stream_id delivered;
    int64_t read;
    int64_t redis_lag; /* as Redis says it */
    int64_t consumers;
    bool is_credible; /* the count of what was read */
};

/* What to ask INFO for. */
#define GROUP_COUNT_INFO "server", "persistence", "replication"

/* Answers to INFO, XINFO STREAM, and a group's of XINFO GROUPS. */
void group_count_take_info(struct group_count *count, const redisReply *info);
void group_count_take_stream(struct group_count *count, const redisReply *stream);
void group_count_take_group(struct group_count *count, const redisReply *group);

/* It was given the last entry. */
bool group_count_is_ahead(const struct group_count *count);

/* How many entries it has not been given, as far as ids tell: all, or none; else negative. */
int64_t group_count_behind(const struct group_count *count);

/* So many were neither given nor wait, if the count is right; negative: cannot be told. `behind` as
 * it is, negative when not known. */
int64_t group_count_gap(const struct group_count *count, int64_t behind);

/* The gap where it is a proof, and otherwise 0. */
int64_t group_count_lost(const struct group_count *count, int64_t behind);

/* Redis' lag less a gap; negative: not known, or it cannot be true. */
int64_t group_count_lag(const struct group_count *count, int64_t gap);

/*
 * What Redis says a group was given, held against what its reader was really given: servers from
 * 7.2 on correct `entries-read` at the first delivery behind a gap, and the gap is gone with it. So
 * what the count leaps over, beside what was read, was lost before it was read. Only for a group
 * that one reader reads alone.
 */
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

/* Another server, group or connection: begins again. */
void group_reads_forget(struct group_reads *reads);
