/* SPDX-License-Identifier: MIT */
/*
 * Random streams of signals offered to a bounded window, as the intake does it: when the window is
 * over, it is thinned. Looked at after each step: nothing is lost, and the right ones fall; and who
 * is turned away at the door would have fallen too.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

enum { CASES = 300, OFFERS_MAX = 200, SYMBOLS_MAX = 12 };

static struct signal *any_signal(uint64_t id, size_t symbols)
{
    char symbol[8];

    (void)snprintf(symbol, sizeof symbol, "S%zu", chance_below(symbols));
    struct signal *signal = signal_of(symbol, 0.75 + (double)chance_below(26) / 100.0, id);
    signal->gate_passed = chance_one_in(2);
    signal->weight = 100 + chance_below(chance_one_in(10) ? 3000 : 300);
    return signal;
}

static bool same_symbol(const struct candidate *a, const struct candidate *b)
{
    return strcmp(a->signal->symbol, b->signal->symbol) == 0;
}

static void count_ids(const struct window *window, unsigned char *seen)
{
    size_t weight = 0;

    for (size_t i = 0; i < window->count; i++) {
        seen[window->candidates[i].signal->id.ms]++;
        weight += window->candidates[i].signal->weight;
    }
    assert_int_equal(window->weight, weight);
}

/* Kept and fallen together are what was offered, each once. */
static void expect_nothing_lost(const struct window *window, const struct window *fallen,
                                size_t offered)
{
    unsigned char seen[OFFERS_MAX] = {0};

    count_ids(window, seen);
    count_ids(fallen, seen);
    assert_int_equal(window->count + fallen->count, offered);
    for (size_t i = 0; i < offered; i++)
        assert_int_equal(seen[i], 1);
}

/* How many of the candidate's symbol the window keeps. */
static size_t kept_of_symbol(const struct window *window, const struct candidate *candidate)
{
    size_t count = 0;

    for (size_t i = 0; i < window->count; i++)
        count += same_symbol(&window->candidates[i], candidate);
    return count;
}

/* For all that just fell: no symbol lost its last one while another keeps two, and one that is kept
 * of a symbol ranks before one that fell. */
static void expect_the_right_ones_fell(const struct window *window, const struct window *fallen,
                                       size_t fallen_before)
{
    size_t most = 0;

    for (size_t i = 0; i < window->count; i++) {
        size_t kept = kept_of_symbol(window, &window->candidates[i]);
        most = kept > most ? kept : most;
    }
    for (size_t i = fallen_before; i < fallen->count; i++) {
        const struct candidate *fell = &fallen->candidates[i];
        size_t kept = kept_of_symbol(window, fell);
        assert_true(kept > 0 || most < 2);
        assert_true(kept + 1 >= most);
        for (size_t j = 0; j < window->count; j++)
            if (same_symbol(&window->candidates[j], fell))
                assert_true(ranking_compare(&window->candidates[j], fell) < 0);
    }
}

static struct window_limits any_limits(void)
{
    return (struct window_limits){
        .candidates_max = 4 + chance_below(60),
        .weight_max = chance_one_in(2) ? 1000000 : 5000 + chance_below(20000),
    };
}

static void one_stream(void)
{
    struct score_rules bonuses = bonuses_usual();
    struct window_limits limits = any_limits();
    struct window window = {0};
    struct window fallen = {0};
    size_t symbols = 1 + chance_below(SYMBOLS_MAX);
    size_t offers = 1 + chance_below(OFFERS_MAX);

    for (size_t i = 0; i < offers; i++) {
        size_t fallen_before = fallen.count;
        window_add(&window, ranking_score(&bonuses, any_signal(i, symbols)));
        bool over = window_is_over(&window, &limits);
        assert_int_equal(over,
                         window.count > limits.candidates_max || window.weight > limits.weight_max);
        if (over) {
            window_thin(&window, &limits, &fallen);
            assert_true(fallen.count > fallen_before);
            assert_true(window.count <= limits.candidates_max - limits.candidates_max / 4);
            expect_the_right_ones_fell(&window, &fallen, fallen_before);
        }
        assert_false(window_is_over(&window, &limits));
        expect_nothing_lost(&window, &fallen, i + 1);
    }
    window_clear(&window);
    window_clear(&fallen);
}

static void nothing_is_lost_and_the_right_ones_fall(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++)
        one_stream();
}

static void expect_same(struct window *one, struct window *other)
{
    window_rank(one);
    window_rank(other);
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++)
        assert_int_equal(one->candidates[i].signal->id.ms, other->candidates[i].signal->id.ms);
}

/* Offers it to a window that turns away whom its bar is above; what falls is gone. */
static bool offer(struct window *window, const struct window_limits *limits, struct signal *signal)
{
    struct score_rules bonuses = bonuses_usual();
    struct candidate newcomer = ranking_score(&bonuses, signal);
    struct window fallen = {0};
    bool turned_away = window_would_drop(window, &newcomer);

    if (turned_away)
        signal_free(signal);
    else
        window_add(window, ranking_score(&bonuses, signal));
    if (window_is_over(window, limits))
        window_thin(window, limits, &fallen);
    window_clear(&fallen);
    return turned_away;
}

static struct signal *copy_of(const struct signal *signal)
{
    struct signal *copy = signal_of(signal->symbol, signal->confidence, signal->id.ms);

    copy->gate_passed = signal->gate_passed;
    copy->weight = signal->weight;
    return copy;
}

/* One window is thinned again and again and turns candidates away, another one sees them all at
 * once and is thinned once: whom it keeps, the other one has. */
static size_t two_windows(void)
{
    struct window_limits limits = {.candidates_max = 4 + chance_below(60), .weight_max = SIZE_MAX};
    struct score_rules bonuses = bonuses_usual();
    struct window bounded = {0}, whole = {0}, fallen = {0};
    size_t symbols = 1 + chance_below(SYMBOLS_MAX);
    size_t turned_away = 0;

    for (size_t i = 0; i < OFFERS_MAX; i++) {
        struct signal *signal = any_signal(i, symbols);
        window_add(&whole, ranking_score(&bonuses, copy_of(signal)));
        turned_away += offer(&bounded, &limits, signal);
    }
    if (window_is_over(&whole, &limits))
        window_thin(&whole, &limits, &fallen);
    for (size_t i = 0; i < whole.count; i++)
        assert_true(window_has(&bounded, whole.candidates[i].signal->id));
    window_clear(&bounded);
    window_clear(&whole);
    window_clear(&fallen);
    return turned_away;
}

static void who_is_turned_away_would_have_fallen(void **state)
{
    size_t turned_away = 0;

    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++)
        turned_away += two_windows();
    assert_true(turned_away > CASES);
}

/* However the candidates arrived, the same ones are kept. */
static void the_order_of_arrival_does_not_matter(void **state)
{
    struct score_rules bonuses = bonuses_usual();
    struct window_limits limits = {.candidates_max = 40, .weight_max = 1000000};

    (void)state;
    chance_begin();
    for (int round = 0; round < 200; round++) {
        struct window one = {0}, other = {0}, fallen = {0};
        for (size_t i = 0; i < 60; i++)
            window_add(&one, ranking_score(&bonuses, any_signal(i, 9)));
        for (size_t i = 60; i > 0; i--) {
            window_add(&other, ranking_score(&bonuses, copy_of(one.candidates[i - 1].signal)));
        }
        window_thin(&one, &limits, &fallen);
        window_thin(&other, &limits, &fallen);
        expect_same(&one, &other);
        window_clear(&one);
        window_clear(&other);
        window_clear(&fallen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_the_right_ones_fall),
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
        cmocka_unit_test(who_is_turned_away_would_have_fallen),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_window", tests, NULL, NULL);
}
