/* SPDX-License-Identifier: MIT */
#include "common/base/text_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* FNV-1a. */
uint64_t text_hash(const char *text)
{
    uint64_t hash = 14695981039346656037ULL;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
    return hash ^ hash >> 32;
}

void text_set_init(struct text_set *set, size_t count_max)
{
    size_t slots = 8;

    while (slots < 2 * count_max)
        slots *= 2;
    *set = (struct text_set){.slots = memory_array(slots, sizeof *set->slots), .mask = slots - 1};
}

void text_set_deinit(struct text_set *set)
{
    free(set->slots);
    *set = (struct text_set){0};
}

/* Where the text is, or where it would go. Somebody who chooses texts that collide makes a search
 * long, never wrong; and a window is bounded. */
static const char **slot_of(const struct text_set *set, const char *text)
{
    size_t at = (size_t)text_hash(text) & set->mask;

    while (set->slots[at] && strcmp(set->slots[at], text) != 0)
        at = (at + 1) & set->mask;
    return &set->slots[at];
}

bool text_set_add(struct text_set *set, const char *text)
{
    const char **slot = slot_of(set, text);

    if (*slot)
        return false;
    assert(set->count < set->mask && "sized for fewer texts");
    *slot = text;
    set->count++;
    return true;
}

bool text_set_has(const struct text_set *set, const char *text)
{
    return *slot_of(set, text);
}

size_t text_set_slot(const struct text_set *set, const char *text)
{
    const char **slot = slot_of(set, text);

    return *slot ? (size_t)(slot - set->slots) : TEXT_SET_NONE;
}
