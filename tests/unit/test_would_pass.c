/* SPDX-License-Identifier: MIT */
#include "ctl/why/decide/would_pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "tests/unit/names.h"
#include "tests/unit/plan_sample.h"
#include "tests/unit/record_sample.h"

/* Asks about the last row of a cycle that was decided; its window has fifteen at most. */
static struct would_pass ask(struct cycle *cycle, long long cooldown_sec)
{
    const struct again_rules rules = {cycle->rules, bonuses_usual()};
    struct recorded recorded = {0};
    struct would_pass found;
    struct plan plan;

    record_sample_make(&cycle->snapshot, &cycle->window, &cycle->plan);
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "");
    again_decide(&recorded, &rules, &plan);
    plan_release(&plan);
    const struct would_subject subject = {
        .recorded = &recorded,
        .row = recorded.window.count - 1,
        .rules = &rules,
        .cooldown_sec = cooldown_sec,
        .in_flight_group = "auto",
        .is_by_id = true,
    };
    would_pass_find(&subject, &found);
    recorded_release(&recorded);
    record_sample_release();
    return found;
}

static char *text_of_all(const struct would_pass *found)
{
    char *text = memory_text("");

    for (size_t i = 0; i < found->count; i++) {
        const struct would_change *change = &found->passes[i];
        char *longer = memory_format("%s%s%s %s→%s", text, i > 0 ? ", " : "", change->what,
                                     change->from, change->to);
        free(text);
        text = longer;
    }
    return text;
}

static void expect_passes(struct cycle *cycle, const char *fates, const char *wanted)
{
    expect_fates(cycle, fates);
    struct would_pass found = ask(cycle, 60);
    char *text = text_of_all(&found);

    assert_string_equal(text, wanted);
    assert_true(found.is_complete);
    assert_true(found.decisions <= WOULD_PASS_DECISIONS);
    free(text);
    finish(cycle);
}

static void who_is_outranked_needs_more_than_the_last_one(void **state)
{
    struct cycle cycle = cycle_of(
        0, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 2), fresh("SOL", 0.91, 3), NULL));

    (void)state;
    expect_passes(&cycle, "BTC published 1, ETH published 2, SOL outranked 3",
                  "confidence 0.91→0.940000001, capacity.max_new_per_cycle 2→3");
}

/* Of two with the same score and confidence the earlier one passes. */
static void the_earlier_one_needs_no_more_than_the_same(void **state)
{
    struct cycle cycle = cycle_of(
        0, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.94, 3), fresh("SOL", 0.91, 2), NULL));

    (void)state;
    expect_passes(&cycle, "BTC published 1, ETH published 2, SOL outranked 3",
                  "confidence 0.91→0.94, capacity.max_new_per_cycle 2→3");
}

/* Two are to be open at most in all, so that one more in a cycle would not help alone. */
static void where_two_things_stand_in_the_way_none_alone_helps(void **state)
{
    struct cycle cycle =
        cycle_of(1, window_of(fresh("BTC", 1, 1), fresh("ETH", 1, 2), fresh("SOL", 0.91, 3), NULL));

    (void)state;
    expect_passes(&cycle, "BTC published 1, ETH published 2, SOL outranked 3", "");
}

static void at_the_target_a_super_confidence_passes(void **state)
{
    struct cycle cycle = cycle_of(3, window_of(fresh("BTC", 0.95, 1), fresh("ETH", 0.80, 2), NULL));

    (void)state;
    expect_passes(&cycle, "BTC published 1, ETH below_super 0",
                  "confidence 0.8→0.9, capacity.super_confidence 0.9→0.8, "
                  "capacity.target_open 3→5");
}

static void where_all_is_open_only_the_cap_helps(void **state)
{
    struct cycle cycle = cycle_of(10, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    expect_passes(&cycle, "BTC no_slots 0", "capacity.max_open 10→11");
}

static void what_is_held_passes_by_its_option(void **state)
{
    struct cycle same = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));
    struct cycle opposite = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    same.held[0] = HELD_SAME;
    opposite.held[0] = HELD_OPPOSITE;
    expect_passes(&same, "BTC symbol_held 0", "positions.same_side reject→add");
    expect_passes(&opposite, "BTC opposite_held 0", "positions.opposite_side reject→pass");
}

static void of_one_symbol_the_option_or_a_higher_rank_helps(void **state)
{
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), NULL));

    (void)state;
    expect_passes(&cycle, "BTC published 1, BTC same_symbol 0",
                  "confidence 0.94→0.950000001, window.one_per_symbol true→false");
}

static void who_rests_passes_without_a_rest(void **state)
{
    struct cycle cycle = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    cycle.rules.has_cooldown = true;
    cycle.cooling[0] = '1';
    expect_passes(&cycle, "BTC cooldown 0", "capacity.symbol_cooldown_sec 60→0");
}

static void what_is_stale_passes_by_a_longer_age(void **state)
{
    struct signal *old = signal_of("BTC", 0.95, NOW_MS - 31500);
    struct cycle cycle = cycle_of(1, window_of(old, NULL));

    (void)state;
    expect_passes(&cycle, "BTC stale 0", "window.signal_max_age_sec 30→32");
}

static struct signal *with_bonus(struct signal *signal, bool gate, bool regime)
{
    signal->gate_passed = gate;
    signal->regime_known = regime;
    return signal;
}

/* The window as it ranks with the usual bonuses, one place, and ETH is outranked by BTC. */
static void expect_by_score(struct signal *btc, struct signal *eth, const char *wanted)
{
    struct cycle cycle = cycle_of(0, window_of(btc, eth, NULL));

    cycle.rules.capacity.max_new_per_cycle = 1;
    expect_passes(&cycle, "BTC published 1, ETH outranked 2", wanted);
}

static void a_bonus_of_its_own_helps_where_it_is_larger(void **state)
{
    (void)state;
    expect_by_score(with_bonus(fresh("BTC", 0.95, 1), false, false),
                    with_bonus(fresh("ETH", 0.90, 2), true, true),
                    "confidence 0.9→0.920000001, capacity.max_new_per_cycle 1→2, "
                    "score.rl_gate_bonus 0.02→0.040000001, score.regime_bonus 0.01→0.030000001");
}

/* At the same score the higher confidence ranks first. */
static void a_bonus_of_others_helps_where_it_is_smaller(void **state)
{
    (void)state;
    expect_by_score(with_bonus(fresh("BTC", 0.91, 1), true, false),
                    with_bonus(fresh("ETH", 0.92, 2), false, false),
                    "confidence 0.92→0.93, capacity.max_new_per_cycle 1→2, "
                    "score.rl_gate_bonus 0.02→0.01");
    expect_by_score(with_bonus(fresh("BTC", 0.92, 1), false, true),
                    with_bonus(fresh("ETH", 0.92, 2), false, false),
                    "confidence 0.92→0.93, capacity.max_new_per_cycle 1→2");
}

/* What two have alike moves them alike. */
static void a_bonus_of_both_helps_neither(void **state)
{
    (void)state;
    expect_by_score(with_bonus(fresh("BTC", 0.95, 1), true, true),
                    with_bonus(fresh("ETH", 0.94, 2), true, true),
                    "confidence 0.94→0.950000001, capacity.max_new_per_cycle 1→2");
}

/* At the target the one above it is the less sure one. */
static void a_higher_super_confidence_helps_the_surer_one(void **state)
{
    struct cycle cycle =
        cycle_of(3, window_of(with_bonus(fresh("BTC", 0.91, 1), true, true),
                              with_bonus(fresh("ETH", 0.93, 2), false, false), NULL));

    (void)state;
    cycle.rules.capacity.max_new_per_cycle = 1;
    expect_passes(&cycle, "BTC published 1, ETH outranked 2",
                  "confidence 0.93→0.94, capacity.super_confidence 0.9→0.93, "
                  "capacity.max_new_per_cycle 1→2, score.rl_gate_bonus 0.02→0.01, "
                  "score.regime_bonus 0.01→0");
}

/* Who stands above it leaves, and with it the place. */
static void a_stricter_option_helps_where_it_takes_others_out(void **state)
{
    struct cycle twice = cycle_of(
        0, window_of(fresh("BTC", 0.95, 1), fresh("BTC", 0.94, 2), fresh("ETH", 0.93, 3), NULL));
    struct cycle held = cycle_of(1, window_of(fresh("BTC", 0.95, 1), fresh("SOL", 0.94, 2), NULL));

    (void)state;
    twice.rules.one_per_symbol = false;
    expect_passes(&twice, "BTC published 1, BTC published 2, ETH outranked 3",
                  "confidence 0.93→0.940000001, capacity.max_new_per_cycle 2→3, "
                  "window.one_per_symbol false→true");
    held.rules.capacity.max_new_per_cycle = 1;
    held.rules.adds_to_held = true;
    held.rules.passes_opposite = true;
    held.held[0] = HELD_BOTH;
    expect_passes(&held, "BTC published 1, SOL outranked 2",
                  "confidence 0.94→0.950000001, capacity.max_new_per_cycle 1→2, "
                  "positions.same_side add→reject, positions.opposite_side pass→reject");
}

static void nothing_helps_a_duplicate_or_in_safe_mode(void **state)
{
    struct cycle duplicate = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));
    struct cycle safe = cycle_of(1, window_of(fresh("BTC", 0.95, 1), NULL));

    (void)state;
    duplicate.marked[0] = '1';
    safe.snapshot.safe_mode = true;
    expect_passes(&duplicate, "BTC duplicate 0", "");
    expect_passes(&safe, "BTC safe_mode 0", "");
}

/* --- all that is told holds */

enum { CASES = 3000, SOME = 14 };

static struct cycle any_cycle(void)
{
    struct window window = {0};
    struct score_rules bonuses = bonuses_usual();
    size_t count = 1 + chance_below(SOME);

    for (unsigned i = 0; i < count; i++) {
        char symbol[8];
        (void)snprintf(symbol, sizeof symbol, "S%zuX", chance_below(6));
        struct signal *signal = fresh(symbol, 0.75 + (double)chance_below(25) / 100,
                                      (unsigned)chance_below(100) * 32 + i);
        signal->gate_passed = chance_one_in(2);
        signal->regime_known = chance_one_in(2);
        window_add(&window, ranking_score(&bonuses, signal));
    }
    window_rank(&window);
    struct cycle cycle = cycle_of((int64_t)chance_below(12), window);
    for (size_t i = 0; i < count; i++) {
        cycle.marked[i] = chance_one_in(6) ? '1' : '0';
        cycle.held[i] = chance_one_in(4) ? "hob"[chance_below(3)] : '-';
    }
    cycle.rules.one_per_symbol = chance_one_in(2);
    cycle.rules.capacity.max_per_minute = chance_one_in(2) ? 0 : 1 + (int64_t)chance_below(3);
    cycle.snapshot.capacity.published_minute = (int64_t)chance_below(3);
    return cycle;
}

/* The last one, ranked with this confidence, by the code that decides alone. */
static bool passes_with(struct cycle *cycle, double confidence)
{
    size_t last = cycle->window.count - 1;
    struct signal *signal = cycle->window.candidates[last].signal;
    struct score_rules bonuses = bonuses_usual();
    double own = signal->confidence;
    char marked = cycle->marked[last], held = cycle->held[last];
    size_t place = last;

    signal->confidence = confidence;
    struct candidate candidate = ranking_score(&bonuses, signal);
    struct candidate before[SOME + 1];
    char marked_before[16], held_before[16];
    memcpy(before, cycle->window.candidates, cycle->window.count * sizeof *before);
    memcpy(marked_before, cycle->marked, 16);
    memcpy(held_before, cycle->held, 16);
    for (; place > 0 && ranking_compare(&candidate, &before[place - 1]) < 0; place--) {
        cycle->window.candidates[place] = before[place - 1];
        cycle->marked[place] = marked_before[place - 1];
        cycle->held[place] = held_before[place - 1];
    }
    cycle->window.candidates[place] = candidate;
    cycle->marked[place] = marked;
    cycle->held[place] = held;
    plan_release(&cycle->plan);
    cycle_decide(cycle);
    bool is_published = cycle->plan.verdicts[place].fate == FATE_PUBLISHED;
    memcpy(cycle->window.candidates, before, cycle->window.count * sizeof *before);
    memcpy(cycle->marked, marked_before, 16);
    memcpy(cycle->held, held_before, 16);
    signal->confidence = own;
    return is_published;
}

static void expect_least(struct cycle *cycle, const struct would_pass *found)
{
    bool is_told = found->count > 0 && strcmp(found->passes[0].what, "confidence") == 0;

    if (!is_told) {
        assert_false(passes_with(cycle, 1));
        return;
    }
    assert_true(passes_with(cycle, found->passes[0].to_number));
    assert_false(passes_with(cycle, found->passes[0].to_number - 2e-9));
}

static void the_least_confidence_passes_and_less_does_not(void **state)
{
    size_t told = 0;

    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct cycle cycle = any_cycle();
        cycle_decide(&cycle);
        if (cycle.plan.verdicts[cycle.plan.count - 1].fate != FATE_PUBLISHED) {
            struct would_pass found = ask(&cycle, 60);
            assert_true(found.is_complete);
            expect_least(&cycle, &found);
            told += found.count > 0;
        }
        finish(&cycle);
    }
    assert_true(told > CASES / 10);
}

/* There is an end to it, also in a full window. */
static void a_full_window_costs_no_more_decisions(void **state)
{
    enum { FULL = 1200, ROW_MAX = 64 };
    struct again_rules rules = {.score = bonuses_usual()};
    struct recorded recorded = {0};
    struct would_pass found;
    char *rows = memory_new((size_t)FULL * ROW_MAX), *at = rows;
    struct plan plan;

    (void)state;
    struct cycle cycle = cycle_of(0, window_of(fresh("BTC", 0.95, 1), NULL));
    rules.plan = cycle.rules;
    cycle_decide(&cycle);
    record_sample_make(&cycle.snapshot, &cycle.window, &cycle.plan);
    for (int i = 0; i < FULL; i++)
        at += snprintf(at, ROW_MAX, "%s1-%d S%dX BUY 0.%d 0.%d 1 1 - stale 0 =", i > 0 ? "\n" : "",
                       i, i, 999999 - i, 999999 - i);
    record_sample_set(RECORD_ROWS, rows);
    recorded_read(&recorded, record_sample_entry());
    assert_string_equal(recorded.why, "");
    again_decide(&recorded, &rules, &plan);
    plan_release(&plan);
    const struct would_subject subject = {
        .recorded = &recorded, .row = FULL - 1, .rules = &rules, .in_flight_group = "auto"};
    would_pass_find(&subject, &found);
    assert_true(found.decisions <= WOULD_PASS_DECISIONS);
    recorded_release(&recorded);
    record_sample_release();
    finish(&cycle);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_outranked_needs_more_than_the_last_one),
        cmocka_unit_test(the_earlier_one_needs_no_more_than_the_same),
        cmocka_unit_test(where_two_things_stand_in_the_way_none_alone_helps),
        cmocka_unit_test(at_the_target_a_super_confidence_passes),
        cmocka_unit_test(where_all_is_open_only_the_cap_helps),
        cmocka_unit_test(what_is_held_passes_by_its_option),
        cmocka_unit_test(of_one_symbol_the_option_or_a_higher_rank_helps),
        cmocka_unit_test(who_rests_passes_without_a_rest),
        cmocka_unit_test(what_is_stale_passes_by_a_longer_age),
        cmocka_unit_test(a_bonus_of_its_own_helps_where_it_is_larger),
        cmocka_unit_test(a_bonus_of_others_helps_where_it_is_smaller),
        cmocka_unit_test(a_bonus_of_both_helps_neither),
        cmocka_unit_test(a_higher_super_confidence_helps_the_surer_one),
        cmocka_unit_test(a_stricter_option_helps_where_it_takes_others_out),
        cmocka_unit_test(nothing_helps_a_duplicate_or_in_safe_mode),
        cmocka_unit_test(the_least_confidence_passes_and_less_does_not),
        cmocka_unit_test(a_full_window_costs_no_more_decisions),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("would_pass", tests, NULL, NULL);
}
