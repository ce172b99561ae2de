/* SPDX-License-Identifier: MIT */
#include "router/decide/ranking.h"

#include <math.h>
#include <stdlib.h>

struct candidate ranking_score(const struct score_rules *rules, struct signal *signal)
{
    double score = signal->confidence + (signal->gate_passed ? rules->gate_bonus : 0.0) +
                   (signal->regime_known ? rules->regime_bonus : 0.0);

    return (struct candidate){.signal = signal, .score = score, .score_nano = llround(score * 1e9)};
}

int ranking_compare(const struct candidate *a, const struct candidate *b)
{
    if (a->score_nano != b->score_nano)
        return a->score_nano > b->score_nano ? -1 : 1;
    if (a->signal->confidence != b->signal->confidence)
        return a->signal->confidence > b->signal->confidence ? -1 : 1;
    return stream_id_compare(a->signal->id, b->signal->id);
}

static int compare_for_qsort(const void *a, const void *b)
{
    return ranking_compare(a, b);
}

void ranking_sort(struct candidate *candidates, size_t count)
{
    if (count > 1)
        qsort(candidates, count, sizeof *candidates, compare_for_qsort);
}
