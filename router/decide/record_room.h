/* SPDX-License-Identifier: MIT */
/*
 * How many records fit into what their stream may hold: by the mean of those written. While they
 * grow, the last few count, so that the stream does not outgrow its room; while they shrink, all
 * that may still be in it. Embedded in the recorder. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct record_room {
    uint64_t count;    /* of records that were seen */
    double mean_bytes; /* of as many as the stream may hold */
    double last_bytes; /* of the last few */
};

/* A record of so many bytes is in the stream. */
void record_room_add(struct record_room *room, size_t bytes, int64_t bytes_max);

/* How many it may hold, at least one; `next` is about to come. */
int64_t record_room_count(const struct record_room *room, size_t next, int64_t bytes_max);
