/* SPDX-License-Identifier: MIT */
#include "ctl/past/replay_run.h"

#include <stdio.h>
#include <string.h>

#include "common/base/monotonic.h"
#include "ctl/frame/interrupt.h"
#include "ctl/frame/progress.h"

/* --- progress */

static void draw(struct replay_run *run)
{
    enum { DRAW_EVERY_MS = 200 };
    uint64_t now_ms = monotonic_ms();
    double seconds = (double)(now_ms - run->begun_ms) / 1e3;
    struct progress progress = {
        .done = run->records, .share = run->source->share(run->source), .left_sec = -1};

    if (!run->shows_progress || now_ms - run->drawn_ms < DRAW_EVERY_MS)
        return;
    run->drawn_ms = now_ms;
    progress.rate = (double)run->records / seconds;
    if (progress.share > 0)
        progress.left_sec = seconds / progress.share - seconds;
    progress_draw(&progress);
}

/* --- a record */

static int compare_intent(struct replay_run *run, struct record_again *again, size_t choice)
{
    struct stream_id id;
    struct entry_field payload;

    if (!recorded_intent(&run->recorded, (unsigned)choice + 1, &id))
        return 0;
    int found = intent_walk_find(run->intents, id, &payload);
    if (found > 0)
        run->intents_gone++;
    if (found != 0)
        return found < 0 ? found : 0;
    run->intents_compared++;
    (void)again_compare_intent(&run->recorded, &again->plan, choice, payload.value,
                               payload.value_length, &again->again);
    return 0;
}

/* What was published says what the size and the factor were. */
static int compare_intents(struct replay_run *run, struct record_again *again)
{
    for (size_t i = 0; i < again->plan.chosen && again->again.outcome != AGAIN_DIFFERS; i++)
        if (compare_intent(run, again, i) < 0)
            return -1;
    return 0;
}

static void count(struct replay_run *run, const struct again *again)
{
    struct replay_first *first = &run->first[again->outcome];

    run->records++;
    run->of[again->outcome]++;
    if (first->is_there)
        return;
    *first = (struct replay_first){.is_there = true, .record = run->recorded.id};
    memcpy(first->cycle_id, run->recorded.cycle_id, sizeof first->cycle_id);
    memcpy(first->why, again->why, sizeof first->why);
}

static int take(struct replay_run *run)
{
    struct record_again again;
    int result = 0;

    recorded_read(&run->recorded, &run->item.entry);
    record_chain_add(&run->chain, &run->item, &run->recorded);
    if (run->item.is_before)
        return 0;
    if (record_again(&run->recorded, run->source, &run->rules, run->any_core, &again) < 0)
        return -1;
    if (again.is_decided && run->intents)
        result = compare_intents(run, &again);
    count(run, &again.again);
    if (result == 0 && run->decided)
        result = run->decided(run->owner, &run->recorded, &again);
    record_again_release(&again);
    return result;
}

int replay_run(struct replay_run *run)
{
    int result = 0;

    interrupt_watch();
    run->begun_ms = monotonic_ms();
    while (result == 0 && !run->is_interrupted) {
        result = run->source->next(run->source, &run->item);
        if (result == 0)
            result = take(run);
        draw(run);
        run->is_interrupted = interrupt_is_asked();
    }
    if (run->drawn_ms > 0)
        progress_clear();
    return result < 0 ? result : 0;
}

void replay_run_release(struct replay_run *run)
{
    record_rules_release(&run->rules);
    recorded_release(&run->recorded);
}
