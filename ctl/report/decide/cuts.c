/* SPDX-License-Identifier: MIT */
#include "ctl/report/decide/cuts.h"

#include <math.h>

static void join(struct cut_stretch *stretch, const struct cut_stretch *more)
{
    if (more->decisions == 0)
        return;
    stretch->low = stretch->decisions > 0 ? fmin(stretch->low, more->low) : more->low;
    stretch->high = stretch->decisions > 0 ? fmax(stretch->high, more->high) : more->high;
    stretch->sum += more->sum;
    stretch->decisions += more->decisions;
}

/* Two become one. */
static void double_length(struct cuts *cuts)
{
    for (size_t i = 0; i < CUT_STRETCHES; i++) {
        const struct cut_stretch stretch = cuts->stretches[i];
        cuts->stretches[i] = (struct cut_stretch){0};
        join(&cuts->stretches[i / 2], &stretch);
    }
    cuts->length_ms *= 2;
}

void cuts_add(struct cuts *cuts, int64_t at_ms, double score)
{
    const struct cut_stretch one = {1, score, score, score};

    if (cuts->length_ms == 0) {
        cuts->length_ms = CUT_MS_MIN;
        cuts->begin_ms = at_ms - at_ms % CUT_MS_MIN;
    }
    if (at_ms < cuts->begin_ms)
        return;
    while ((at_ms - cuts->begin_ms) / cuts->length_ms >= CUT_STRETCHES)
        double_length(cuts);
    join(&cuts->stretches[(at_ms - cuts->begin_ms) / cuts->length_ms], &one);
}
