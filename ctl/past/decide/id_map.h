/* SPDX-License-Identifier: MIT */
/*
 * Places in a list by the id of a stream entry. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/stream_id.h"

struct id_map_slot {
    struct stream_id id;
    size_t place; /* and one; 0: it is free */
};

/* Zeroed: empty. */
struct id_map {
    struct id_map_slot *slots;
    size_t count, room;
};

/* False: it is there already. */
bool id_map_add(struct id_map *map, struct stream_id id, size_t place);
bool id_map_find(const struct id_map *map, struct stream_id id, size_t *ret_place);
void id_map_release(struct id_map *map);
