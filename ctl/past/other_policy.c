/* SPDX-License-Identifier: MIT */
#include "ctl/past/other_policy.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

void other_policy_leave_out(struct recorded *recorded, const struct router_settings *settings)
{
    const struct names *symbols = &settings->symbols;

    for (size_t i = 0; i < recorded->window.count; i++) {
        const struct signal *signal = recorded->window.candidates[i].signal;
        if (signal->confidence < settings->signal.min_confidence ||
            (symbols->count > 0 && !names_has(symbols, signal->symbol)))
            recorded->snapshot.marked[i] = '1';
    }
}

/* --- ranks */

struct rank_place {
    struct candidate candidate;
    size_t was;
};

static int compare_places(const void *a, const void *b)
{
    return ranking_compare(&((const struct rank_place *)a)->candidate,
                           &((const struct rank_place *)b)->candidate);
}

/* The elements of a list, each of so many bytes, at their new places. */
static void move(void *list, size_t size, const struct rank_place *places, size_t count)
{
    char *from = memory_bytes(list, count * size), *to = list;

    for (size_t i = 0; i < count; i++)
        memcpy(to + i * size, from + places[i].was * size, size);
    free(from);
}

static void move_all(struct recorded *recorded, const struct rank_place *places)
{
    size_t count = recorded->window.count;
    struct snapshot *snapshot = &recorded->snapshot;

    for (size_t i = 0; i < count; i++)
        recorded->window.candidates[i] = places[i].candidate;
    move(snapshot->marked, sizeof *snapshot->marked, places, count);
    move(snapshot->cooling, sizeof *snapshot->cooling, places, count);
    move(snapshot->held, sizeof *snapshot->held, places, count);
    move(recorded->scores, sizeof *recorded->scores, places, count);
    move(recorded->stale, sizeof *recorded->stale, places, count);
    move(recorded->verdicts, sizeof *recorded->verdicts, places, count);
}

void other_policy_rank(struct recorded *recorded, const struct score_rules *rules)
{
    size_t count = recorded->window.count;
    struct rank_place *places = memory_array(count, sizeof *places);
    bool moves = false;

    for (size_t i = 0; i < count; i++)
        places[i] =
            (struct rank_place){ranking_score(rules, recorded->window.candidates[i].signal), i};
    if (count > 0)
        qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        moves = moves || places[i].was != i;
    if (moves)
        move_all(recorded, places);
    free(places);
}
