/* SPDX-License-Identifier: MIT */
#include "common/redis/key_names.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* The text stays the options' own, which free it. */
static void fill_in(const char *prefix, const struct key_slot *slot)
{
    if (**slot->name || !slot->ending)
        return;
    free(*slot->name);
    *slot->name = memory_format("%s%s", prefix, slot->ending);
}

static void check_distinct(const struct key_slot *slots, size_t count,
                           const struct options *options, struct complaints *complaints)
{
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].ending)
            continue;
        for (size_t j = 0; j < i; j++)
            if (slots[j].ending && strcmp(*slots[i].name, *slots[j].name) == 0)
                options_complain_between(options, OPTION_KEYS(slots[i].key, slots[j].key, "prefix"),
                                         complaints, "names the same key as %s; each needs its own",
                                         slots[j].key);
    }
}

void key_names_check(const char *prefix, const struct key_slot *slots, size_t count,
                     const struct options *options, struct complaints *complaints)
{
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].ending && !**slots[i].name)
            options_complain(options, slots[i].key, complaints, "must not be empty");
        fill_in(prefix, &slots[i]);
    }
    check_distinct(slots, count, options, complaints);
}
