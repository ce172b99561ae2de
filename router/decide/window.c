/* SPDX-License-Identifier: MIT */
#include "router/decide/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

static void append(struct window *window, struct candidate candidate)
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

void window_add(struct window *window, struct candidate candidate)
{
    append(window, candidate);
}

bool window_would_drop(const struct window *window, const struct candidate *newcomer)
{
    return bar_is_above(&window->bar, newcomer);
}

void window_offer(struct window *window, const struct score_rules *rules, struct signal *signal)
{
    append(window, ranking_score(rules, signal));
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
        append(i < kept ? window : ret_fallen, placed[i].candidate);
    /* By weight there is no saying who falls next: a light one may still fit. And one without hope
     * is above nobody. */
    if (kept == three_quarters(limits->candidates_max) && !placed[kept - 1].candidate.is_hopeless)
        bar_raise(&window->bar, placed, kept);
    else
        bar_drop(&window->bar);
    free(placed);
}

void window_absorb(struct window *window, struct window *from)
{
    for (size_t i = 0; i < from->count; i++)
        append(window, from->candidates[i]);
    from->count = 0;
    from->weight = 0;
    from->moves++;
    bar_drop(&from->bar);
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
    bar_drop(&window->bar);
    *window = (struct window){.moves = window->moves + 1};
}
