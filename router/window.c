/* SPDX-License-Identifier: MIT */
#include "router/window.h"

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

void window_offer(struct window *window, const struct score_rules *rules, struct signal *signal)
{
    append(window, ranking_score(rules, signal));
}

bool window_is_over(const struct window *window, const struct window_limits *limits)
{
    return window->count > limits->candidates_max || window->weight > limits->weight_max;
}

/* A candidate and its place among those of its symbol: 0 for the best one. */
struct placed {
    struct candidate candidate;
    size_t place;
};

static int compare_by_symbol(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order = strcmp(left->signal->symbol, right->signal->symbol);

    return order ? order : ranking_compare(left, right);
}

/* Best ones of all symbols first, by rank; then the second ones, by rank; and so on. */
static int compare_by_place(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;

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

void window_thin(struct window *window, const struct window_limits *limits,
                 struct window *ret_fallen)
{
    size_t count = window->count;
    size_t count_kept = limits->candidates_max - limits->candidates_max / 4;
    size_t weight_kept = limits->weight_max - limits->weight_max / 4;

    assert(window_is_over(window, limits));
    struct placed *placed = place_all(window);
    window->count = 0;
    window->weight = 0;
    for (size_t i = 0; i < count; i++) {
        struct candidate candidate = placed[i].candidate;
        bool fits =
            window->count < count_kept && window->weight + candidate.signal->weight <= weight_kept;
        /* The first that does not fit ends it: a lighter one behind it must not pass a better one.
         */
        if (!fits)
            count_kept = 0;
        append(fits ? window : ret_fallen, candidate);
    }
    free(placed);
}

void window_absorb(struct window *window, struct window *from)
{
    for (size_t i = 0; i < from->count; i++)
        append(window, from->candidates[i]);
    from->count = 0;
    from->weight = 0;
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
}

void window_clear(struct window *window)
{
    for (size_t i = 0; i < window->count; i++)
        signal_free(window->candidates[i].signal);
    free(window->candidates);
    *window = (struct window){0};
}
