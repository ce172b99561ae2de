/* SPDX-License-Identifier: MIT */
#include "router/decide/bar.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"

static bool ranks_behind(const struct candidate *candidate, const struct candidate *other)
{
    return ranking_compare(candidate, other) > 0;
}

static void limit(struct bar *bar, const struct candidate *own, const struct candidate *lowest)
{
    const char *symbol = own->signal->symbol;

    if (text_set_add(&bar->symbols, symbol))
        bar->limits[text_set_slot(&bar->symbols, symbol)] = *lowest;
}

/*
 * The last one kept stands at the place that decides. A symbol that has one there may not get one
 * behind it. A symbol whose last one stands at the place before may get one there, if that ranks
 * above the last one kept. All other symbols may get more; when the place that decides is the first
 * one, they have none yet.
 */
void bar_raise(struct bar *bar, const struct placed *kept, size_t count)
{
    const struct placed *last = &kept[count - 1];
    size_t at = count;

    assert(count > 0);
    bar_drop(bar);
    text_set_init(&bar->symbols, count);
    bar->limits = memory_array(bar->symbols.mask + 1, sizeof *bar->limits);
    bar->is_raised = true;
    bar->is_for_all = last->place == 0;
    bar->last = last->candidate;
    for (; at > 0 && kept[at - 1].place == last->place; at--)
        limit(bar, &kept[at - 1].candidate, &kept[at - 1].candidate);
    for (; at > 0 && kept[at - 1].place + 1 == last->place; at--) {
        const struct candidate *own = &kept[at - 1].candidate;
        limit(bar, own, ranks_behind(own, &bar->last) ? own : &bar->last);
    }
}

bool bar_is_above(const struct bar *bar, const struct candidate *newcomer)
{
    if (!bar->is_raised)
        return false;
    if (bar->is_for_all && ranks_behind(newcomer, &bar->last))
        return true;
    size_t slot = text_set_slot(&bar->symbols, newcomer->signal->symbol);
    return slot != TEXT_SET_NONE && ranks_behind(newcomer, &bar->limits[slot]);
}

void bar_drop(struct bar *bar)
{
    text_set_deinit(&bar->symbols);
    free(bar->limits);
    *bar = (struct bar){0};
}
