/* SPDX-License-Identifier: MIT */
#include "router/decide/record_room.h"

#include <assert.h>

enum { FEW = 32 };

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void move(double *mean, double bytes, uint64_t count, double most)
{
    double share = (double)count < most ? (double)count : most;

    *mean += (bytes - *mean) / share;
}

int64_t record_room_count(const struct record_room *room, size_t next, int64_t bytes_max)
{
    double mean = room->count == 0 ? (double)next : larger(room->mean_bytes, room->last_bytes);
    double count = (double)bytes_max / larger(mean, 1);

    return count < 1 ? 1 : (int64_t)count;
}

void record_room_add(struct record_room *room, size_t bytes, int64_t bytes_max)
{
    assert(bytes > 0);
    double most = (double)record_room_count(room, bytes, bytes_max);
    room->count++;
    move(&room->mean_bytes, (double)bytes, room->count, most);
    move(&room->last_bytes, (double)bytes, room->count, FEW);
}
