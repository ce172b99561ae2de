/* SPDX-License-Identifier: MIT */
#include "router/decide/held.h"

/* Before this nothing was traded: a clock that was never set. */
static const int64_t year_2000_ms = INT64_C(946684800000);

/* Of a moment that is yet to come, because the clock was set back since, ids alone can tell: they
 * never run backwards. */
static bool is_older(const struct signal *signal, const struct snapshot *snapshot)
{
    int64_t since_ms = snapshot->unsure_since_ms;

    return signal->id.ms < (uint64_t)since_ms ||
           (signal->timestamp_ms < since_ms && signal->timestamp_ms >= year_2000_ms &&
            snapshot->now_ms >= since_ms);
}

static bool is_held(const struct signal *signal, const struct snapshot *snapshot,
                    int64_t max_age_ms)
{
    return is_older(signal, snapshot) &&
           !signal_is_stale(signal->dated_ms, snapshot->now_ms, max_age_ms);
}

void held_take(struct window *held, struct window *window, struct snapshot *snapshot,
               int64_t max_age_ms)
{
    struct window all = *window;

    if (snapshot->capacity.rolled_back ||
        snapshot->now_ms - snapshot->unsure_since_ms > max_age_ms) /* it is stale by now */
        return;
    *window = (struct window){0};
    for (size_t i = 0; i < all.count; i++) {
        bool goes = is_held(all.candidates[i].signal, snapshot, max_age_ms);
        if (!goes) {
            snapshot->marked[window->count] = snapshot->marked[i];
            snapshot->cooling[window->count] = snapshot->cooling[i];
        }
        window_add(goes ? held : window, all.candidates[i]);
    }
    all.count = 0;
    window_clear(&all);
}
