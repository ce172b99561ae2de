/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/id_map.h"

#include <stdlib.h>

#include "common/base/memory.h"

static size_t start_of(const struct id_map *map, struct stream_id id)
{
    uint64_t hash =
        (id.ms * UINT64_C(0x9e3779b97f4a7c15)) ^ (id.sequence + 1) * UINT64_C(0xbf58476d1ce4e5b9);

    return (size_t)(hash ^ hash >> 32) & (map->room - 1);
}

/* Where it is, or would be. */
static struct id_map_slot *slot_of(const struct id_map *map, struct stream_id id)
{
    size_t at = start_of(map, id);

    while (map->slots[at].place > 0 && stream_id_compare(map->slots[at].id, id) != 0)
        at = (at + 1) & (map->room - 1);
    return &map->slots[at];
}

static void grow(struct id_map *map)
{
    struct id_map larger = {.count = map->count, .room = map->room ? 2 * map->room : 64};

    larger.slots = memory_array(larger.room, sizeof *larger.slots);
    for (size_t i = 0; i < map->room; i++)
        if (map->slots[i].place > 0)
            *slot_of(&larger, map->slots[i].id) = map->slots[i];
    free(map->slots);
    *map = larger;
}

bool id_map_add(struct id_map *map, struct stream_id id, size_t place)
{
    if (4 * map->count >= 3 * map->room)
        grow(map);
    struct id_map_slot *slot = slot_of(map, id);
    if (slot->place > 0)
        return false;
    *slot = (struct id_map_slot){id, place + 1};
    map->count++;
    return true;
}

bool id_map_find(const struct id_map *map, struct stream_id id, size_t *ret_place)
{
    const struct id_map_slot *slot = map->room > 0 ? slot_of(map, id) : NULL;

    if (!slot || slot->place == 0)
        return false;
    *ret_place = slot->place - 1;
    return true;
}

void id_map_release(struct id_map *map)
{
    free(map->slots);
    *map = (struct id_map){0};
}
