/* SPDX-License-Identifier: MIT */
#include "router/decide/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* A candidate, and its place among those of its symbol: 0 for the best one. */
struct placed {
    struct candidate candidate;
    size_t place;
};

/* --- the bar */

static void drop_bar(struct bar *bar)
{
    text_set_deinit(&bar->symbols);
    free(bar->limits);
    *bar = (struct bar){0};
}

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
static void raise_bar(struct bar *bar, const struct placed *kept, size_t count)
{
    const struct placed *last = &kept[count - 1];
    size_t at = count;

    assert(count > 0);
    drop_bar(bar);
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

static bool bar_is_above(const struct bar *bar, const struct candidate *newcomer)
{
    if (!bar->is_raised)
        return false;
    if (bar->is_for_all && ranks_behind(newcomer, &bar->last))
        return true;
    size_t slot = text_set_slot(&bar->symbols, newcomer->signal->symbol);
    return slot != TEXT_SET_NONE && ranks_behind(newcomer, &bar->limits[slot]);
}

/* --- the window */

void window_add(struct window *window, struct candidate candidate)
{
    enum { ROOM_AT_FIRST = 64 };

    if (window->count == window->room) {
        window->room = window->room ? 2 * window->room : ROOM_AT_FIRST;
        window->candidates =
            memory_resize(window->candidates, window->room, sizeof *window->candidates);
    }
    window->candidates[window->count++] = candidate;
    window->weight += candidate.signal->weight;
}

bool window_would_drop(const struct window *window, const struct candidate *newcomer)
{
    return bar_is_above(&window->bar, newcomer);
}

bool window_is_over(const struct window *window, const struct window_limits *limits)
{
    return window->count > limits->candidates_max || window->weight > limits->weight_max;
}

/* Those without hope last, so that they take no place from others of their symbol. */
static int compare_by_symbol(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order = strcmp(left->signal->symbol, right->signal->symbol);

    if (order == 0)
        order = left->is_hopeless - right->is_hopeless;
    return order ? order : ranking_compare(left, right);
}

/* Best ones of all symbols first, by rank; then the second ones, by rank; and so on; those without
 * hope last of all. */
static int compare_by_place(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;

    if (left->candidate.is_hopeless != right->candidate.is_hopeless)
        return left->candidate.is_hopeless - right->candidate.is_hopeless;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    return ranking_compare(&left->candidate, &right->candidate);
}

static struct placed *place_all(struct window *window)
{
    struct placed *placed = memory_array(window->count, sizeof *placed);

    qsort(window->candidates, window->count, sizeof *window->candidates, compare_by_symbol);
    for (size_t i = 0; i < window->count; i++) {
        const struct candidate *candidate = &window->candidates[i];
        bool same = i > 0 && strcmp(candidate[-1].signal->symbol, candidate->signal->symbol) == 0;
        placed[i] = (struct placed){*candidate, same ? placed[i - 1].place + 1 : 0};
    }
    qsort(placed, window->count, sizeof *placed, compare_by_place);
    return placed;
}

static size_t three_quarters(size_t whole)
{
    return whole - whole / 4;
}

/* How many may stay. The first that does not fit ends it: a lighter one behind it must not pass a
 * better one. */
static size_t count_kept(const struct placed *placed, size_t count,
                         const struct window_limits *limits)
{
    size_t weight_max = three_quarters(limits->weight_max);
    size_t most = three_quarters(limits->candidates_max);
    size_t weight = 0, kept = 0;

    while (kept < count && kept < most) {
        weight += placed[kept].candidate.signal->weight;
        if (weight > weight_max)
            break;
        kept++;
    }
    return kept;
}

void window_thin(struct window *window, const struct window_limits *limits,
                 struct window *ret_fallen)
{
    size_t count = window->count;

    assert(window_is_over(window, limits));
    struct placed *placed = place_all(window);
    size_t kept = count_kept(placed, count, limits);
    window->count = 0;
    window->weight = 0;
    window->moves++;
    for (size_t i = 0; i < count; i++)
        window_add(i < kept ? window : ret_fallen, placed[i].candidate);
    /* By weight there is no saying who falls next: a light one may still fit. And one without hope
     * is above nobody. */
    if (kept == three_quarters(limits->candidates_max) && !placed[kept - 1].candidate.is_hopeless)
        raise_bar(&window->bar, placed, kept);
    else
        drop_bar(&window->bar);
    free(placed);
}

void window_absorb(struct window *window, struct window *from)
{
    for (size_t i = 0; i < from->count; i++)
        window_add(window, from->candidates[i]);
    from->count = 0;
    from->weight = 0;
    from->moves++;
    drop_bar(&from->bar);
}

bool window_has(const struct window *window, struct stream_id id)
{
    for (size_t i = 0; i < window->count; i++)
        if (stream_id_compare(window->candidates[i].signal->id, id) == 0)
            return true;
    return false;
}

void window_rank(struct window *window)
{
    ranking_sort(window->candidates, window->count);
    window->moves++;
}

void window_clear(struct window *window)
{
    for (size_t i = 0; i < window->count; i++)
        signal_free(window->candidates[i].signal);
    free(window->candidates);
    drop_bar(&window->bar);
    *window = (struct window){.moves = window->moves + 1};
}
