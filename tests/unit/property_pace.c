/* SPDX-License-Identifier: MIT */
/*
 * Windows of random size at random moments, decided one after the other, each with what the one
 * before noted: in no 61 s are more intents published than the limit says, and where the clock is
 * set back the limit ends after 61 s nevertheless.
 */
#include <stdlib.h>

#include "common/base/memory.h"
#include "router/decide/notes.h"
#include "router/decide/plan.h"
#include "tests/unit/support.h"

enum { CASES = 200, WINDOWS = 120, CANDIDATES_MAX = 6, SPAN_MS = 61000 };

struct moment {
    int64_t steady_ms; /* that has passed, whatever the clock says */
    size_t published;
};

struct trial {
    struct plan_rules rules;
    int64_t now_ms, steady_ms;
    char *minute_counts;
    struct moment past[WINDOWS];
    size_t decided;
};

static struct trial any_trial(void)
{
    return (struct trial){
        .rules = {.capacity = {.max_open = 1000,
                               .target_open = 1000,
                               .max_new_per_cycle = 1 + (int64_t)chance_below(4),
                               .super_confidence = 0.90,
                               .suspect_after = 1000000,
                               .max_per_minute = 1 + (int64_t)chance_below(12)},
                  .sizing = {.max_position_usd = 10000.0, .factor = {1.30, 1.10}},
                  .max_age_ms = 30000},
        .now_ms = NOW_MS,
        .minute_counts = memory_text(""),
    };
}

static struct window any_window(const struct trial *trial)
{
    struct score_rules bonuses = bonuses_usual();
    struct window window = {0};

    for (size_t i = chance_below(CANDIDATES_MAX + 1); i > 0; i--) {
        char symbol[] = {(char)('A' + i), '\0'};
        struct signal *signal = signal_of(symbol, 0.8, (uint64_t)trial->now_ms);
        signal->id.sequence = i;
        stream_id_print(signal->id, signal->decision_id);
        window_add(&window, ranking_score(&bonuses, signal));
    }
    window_rank(&window);
    return window;
}

static size_t decide(struct trial *trial, const struct window *window)
{
    char flags[CANDIDATES_MAX + 1] = "000000", held[CANDIDATES_MAX + 1] = "------", none[] = "";
    struct snapshot snapshot = {
        .now_ms = trial->now_ms,
        .capacity = {.open = {OPEN_ORDERS_KNOWN, 0},
                     .published_minute = notes_minute(trial->minute_counts, trial->now_ms)},
        .marked = flags,
        .cooling = flags,
        .held = held,
        .super_times = none,
        .day_counts = none,
        .minute_counts = trial->minute_counts};
    struct plan plan;

    plan_make(&trial->rules, &snapshot, window, &plan);
    size_t chosen = plan.chosen;
    free(trial->minute_counts);
    trial->minute_counts = memory_text(plan.minute_counts);
    plan_release(&plan);
    return chosen;
}

/* Of the time that has really passed; a clock that is set forth forgets, and is not tried. */
static size_t published_lately(const struct trial *trial)
{
    size_t sum = 0;

    for (size_t i = 0; i < trial->decided; i++)
        if (trial->past[i].steady_ms > trial->steady_ms - SPAN_MS)
            sum += trial->past[i].published;
    return sum;
}

static void go_on(struct trial *trial)
{
    int64_t step_ms = 1 + (int64_t)chance_below(chance_one_in(20) ? 90000 : 6000);

    trial->steady_ms += step_ms;
    trial->now_ms += step_ms;
    if (chance_one_in(30))
        trial->now_ms -= (int64_t)chance_below(7200000);
}

static void publish_one_window(struct trial *trial)
{
    struct window window = any_window(trial);
    size_t published = decide(trial, &window);

    trial->past[trial->decided++] = (struct moment){trial->steady_ms, published};
    window_clear(&window);
    assert_true((int64_t)published_lately(trial) <= trial->rules.capacity.max_per_minute);
}

/* After a decision, which knows the clock as it is now. */
static void expect_free_after_a_minute(const struct trial *trial)
{
    assert_int_equal(notes_minute(trial->minute_counts, trial->now_ms + SPAN_MS), 0);
}

static void no_minute_has_more_than_the_limit(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct trial trial = any_trial();
        for (int window = 0; window < WINDOWS; window++) {
            publish_one_window(&trial);
            expect_free_after_a_minute(&trial);
            go_on(&trial);
        }
        free(trial.minute_counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_minute_has_more_than_the_limit)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_pace", tests, NULL, NULL);
}
