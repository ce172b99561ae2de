/* SPDX-License-Identifier: MIT */
#include "router/act/glance.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "router/act/observe.h"

/* The candidates that nothing is known of, in the window's order; their signals stay the window's.
 */
static struct window unseen(const struct window *window)
{
    struct window some = {0};

    some.candidates = memory_array(window->count, sizeof *some.candidates);
    for (size_t i = 0; i < window->count; i++)
        if (!window->candidates[i].is_seen)
            some.candidates[some.count++] = window->candidates[i];
    return some;
}

/* A mark outlasts its signals. A rest that is shorter than the window may be over at its end.
 * In the window's order, too; what came since stands behind those that were asked about. */
static void note(struct glance *glance, const struct snapshot *snapshot)
{
    struct window *window = glance->window;
    bool rests_on = glance->settings->cooldown_sec * 1000 >= (int64_t)glance->settings->window_ms;
    size_t at = 0;

    for (size_t i = 0; i < window->count && at < glance->asked_count; i++) {
        struct candidate *candidate = &window->candidates[i];
        if (candidate->is_seen)
            continue;
        candidate->is_seen = true;
        candidate->is_hopeless =
            snapshot->marked[at] == '1' || (rests_on && snapshot->cooling[at] == '1');
        at++;
    }
}

static void on_seen(void *data, const redisReply *reply)
{
    struct glance *glance = data;
    struct snapshot snapshot;

    glance->asking = false;
    if (!reply || glance->asked_moves != glance->window->moves)
        return;
    if (observe_read(reply, glance->asked_count, &snapshot)) {
        note(glance, &snapshot);
        snapshot_release(&snapshot);
    }
    glance->done(glance->owner);
}

bool glance_ask(struct glance *glance)
{
    struct command command;

    if (glance->asking)
        return true;
    if (!glance->link || !link_is_up(glance->link))
        return false;
    struct window some = unseen(glance->window);
    glance->asked_moves = glance->window->moves;
    glance->asked_count = some.count;
    if (some.count > 0) {
        observe_command(glance->look, glance->settings, &some, redis_clock_now(glance->clock),
                        &command);
        glance->asking = script_call(glance->look, glance->link, &command,
                                     link_reply_timeout_ms(glance->link), on_seen, glance) == 0;
        link_flush(glance->link);
    }
    free(some.candidates);
    return glance->asking;
}
