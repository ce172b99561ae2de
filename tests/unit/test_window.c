/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

static const struct window_limits plenty = {.candidates_max = 1000, .weight_max = 1000000000};

/* Fills a window with signals of these symbols, the best first. */
static struct window window_ranked(const char *const *symbols, size_t count)
{
    struct score_rules rules = bonuses_usual();
    struct window window = {0};

    for (size_t i = 0; i < count; i++)
        window_add(&window,
                   ranking_score(&rules, signal_of(symbols[i], 0.99 - 0.01 * (double)i, i)));
    return window;
}

/* "BTC.0 ETH.1": the symbols and how good each was, as the ids tell. */
static void expect_content(struct window *window, const char *wanted)
{
    char text[256] = "";
    size_t length = 0;

    window_rank(window);
    for (size_t i = 0; i < window->count; i++) {
        const struct signal *signal = window->candidates[i].signal;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s.%d", i > 0 ? " " : "",
                                   signal->symbol, (int)signal->id.ms);
        assert_true(length < sizeof text);
    }
    assert_string_equal(text, wanted);
}

static void expect_weight_of_content(const struct window *window)
{
    size_t weight = 0;

    for (size_t i = 0; i < window->count; i++)
        weight += window->candidates[i].signal->weight;
    assert_int_equal(window->weight, weight);
}

static void what_is_offered_is_kept_and_weighed(void **state)
{
    struct score_rules rules = bonuses_usual();
    struct window window = {0};

    (void)state;
    for (size_t i = 0; i < 200; i++)
        window_add(&window, ranking_score(&rules, signal_of("BTC", 0.8, i)));
    assert_int_equal(window.count, 200);
    assert_true(window.room >= 200);
    assert_int_equal(window.weight, 200 * sizeof(struct signal));
    window_clear(&window);
    assert_int_equal(window.count, 0);
    assert_int_equal(window.weight, 0);
    assert_null(window.candidates);
    window_add(&window, ranking_score(&rules, signal_of("BTC", 0.8, 1)));
    assert_int_equal(window.count, 1);
    window_clear(&window);
}

static void it_is_over_only_beyond_a_limit(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL"};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window_limits limits = {.candidates_max = 3, .weight_max = 3 * sizeof(struct signal)};

    (void)state;
    assert_false(window_is_over(&window, &plenty));
    assert_false(window_is_over(&window, &limits));
    limits.candidates_max = 2;
    assert_true(window_is_over(&window, &limits));
    limits.candidates_max = 3;
    limits.weight_max--;
    assert_true(window_is_over(&window, &limits));
    window_clear(&window);
}

static void the_crowded_symbol_gives_way(void **state)
{
    static const char *const symbols[] = {"BTC", "BTC", "BTC", "ETH", "SOL"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 ETH.3 SOL.4");
    expect_content(&fallen, "BTC.1 BTC.2");
    expect_weight_of_content(&window);
    expect_weight_of_content(&fallen);
    window_clear(&window);
    window_clear(&fallen);
}

static void the_lowest_ranked_second_ones_fall_first(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "ETH", "BTC", "SOL",
                                          "SOL", "BTC", "ETH", "XRP"};
    struct window_limits limits = {.candidates_max = 8, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 ETH.1 ETH.2 BTC.3 SOL.4 XRP.8");
    expect_content(&fallen, "SOL.5 BTC.6 ETH.7");
    window_clear(&window);
    window_clear(&fallen);
}

static void with_one_of_each_the_lowest_ranked_fall(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 ETH.1 SOL.2");
    expect_content(&fallen, "XRP.3 ADA.4");
    window_clear(&window);
    window_clear(&fallen);
}

static void the_weight_thins_too(void **state)
{
    static const char *const symbols[] = {"BTC", "BTC", "ETH", "SOL"};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window_limits limits = {.candidates_max = 1000, .weight_max = 3 * sizeof(struct signal)};
    struct window fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 ETH.2");
    expect_content(&fallen, "BTC.1 SOL.3");
    expect_weight_of_content(&window);
    window_clear(&window);
    window_clear(&fallen);
}

/* BTC.1 is heavy: what ranks behind it must not slip by. */
static void a_light_one_never_passes_a_better_heavy_one(void **state)
{
    struct score_rules rules = bonuses_usual();
    struct window_limits limits = {.candidates_max = 1000, .weight_max = 100000};
    struct window window = {0};
    struct window fallen = {0};
    struct signal *heavy = signal_of("ETH", 0.8, 1);

    (void)state;
    heavy->weight = 100000;
    window_add(&window, ranking_score(&rules, signal_of("BTC", 0.9, 0)));
    window_add(&window, ranking_score(&rules, heavy));
    window_add(&window, ranking_score(&rules, signal_of("SOL", 0.7, 2)));
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0");
    expect_content(&fallen, "ETH.1 SOL.2");
    window_clear(&window);
    window_clear(&fallen);
}

static bool would_drop(const struct window *window, const char *symbol, double confidence)
{
    struct score_rules rules = bonuses_usual();
    struct signal *signal = signal_of(symbol, confidence, 1000);
    struct candidate newcomer = ranking_score(&rules, signal);
    bool drops = window_would_drop(window, &newcomer);

    signal_free(signal);
    return drops;
}

static void what_weighs_as_much_as_may_stay_stays(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window_limits limits = {.candidates_max = 1000, .weight_max = 4 * sizeof(struct signal)};
    struct window fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 ETH.1 SOL.2");
    window_clear(&window);
    window_clear(&fallen);
}

/* By weight there is no saying who falls next: a light one may still fit. */
static void only_a_full_count_turns_newcomers_away(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window_limits by_count = {.candidates_max = 4, .weight_max = 1000000000};
    struct window_limits by_weight = {.candidates_max = 1000,
                                      .weight_max = 4 * sizeof(struct signal)};
    struct window counted = window_ranked(symbols, COUNT(symbols));
    struct window weighed = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window_thin(&counted, &by_count, &fallen);
    window_thin(&weighed, &by_weight, &fallen);
    assert_true(would_drop(&counted, "LTC", 0.5));
    assert_false(would_drop(&counted, "LTC", 0.999));
    assert_false(would_drop(&weighed, "LTC", 0.5));
    window_clear(&counted);
    window_clear(&weighed);
    window_clear(&fallen);
}

/* The next window begins without the last one's bar. */
static void one_that_was_absorbed_turns_nobody_away(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window decided = {0}, fallen = {0};

    (void)state;
    window_thin(&window, &limits, &fallen);
    window_absorb(&decided, &window);
    assert_false(would_drop(&window, "LTC", 0.5));
    window_clear(&window);
    window_clear(&decided);
    window_clear(&fallen);
}

/* However well they rank: their decision was published already. */
static void those_without_hope_fall_first(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window.candidates[0].is_hopeless = window.candidates[2].is_hopeless = true;
    window_thin(&window, &limits, &fallen);
    expect_content(&fallen, "BTC.0 SOL.2");
    expect_content(&window, "ETH.1 XRP.3 ADA.4");
    assert_true(would_drop(&window, "LTC", 0.5));
    window_clear(&window);
    window_clear(&fallen);
}

/* They stand for nobody: the best of a symbol that has hope is its best one. */
static void those_without_hope_take_no_place(void **state)
{
    static const char *const symbols[] = {"BTC", "BTC", "ETH", "ETH", "SOL"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    window.candidates[0].is_hopeless = true;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.1 ETH.2 SOL.4");
    window_clear(&window);
    window_clear(&fallen);
}

/* Anybody with hope would take its place. */
static void one_without_hope_is_no_bar(void **state)
{
    static const char *const symbols[] = {"BTC", "ETH", "SOL", "XRP", "ADA"};
    struct window_limits limits = {.candidates_max = 4, .weight_max = 1000000000};
    struct window window = window_ranked(symbols, COUNT(symbols));
    struct window fallen = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        window.candidates[i].is_hopeless = true;
    window_thin(&window, &limits, &fallen);
    expect_content(&window, "BTC.0 XRP.3 ADA.4");
    assert_false(would_drop(&window, "LTC", 0.5));
    window_clear(&window);
    window_clear(&fallen);
}

static void one_window_absorbs_another(void **state)
{
    struct window window = window_of(signal_of("BTC", 0.9, 0), signal_of("ETH", 0.7, 2), NULL);
    struct window more = window_of(signal_of("SOL", 0.8, 1), NULL);
    struct window none = {0};

    (void)state;
    window_absorb(&window, &more);
    window_absorb(&window, &none);
    expect_content(&window, "BTC.0 SOL.1 ETH.2");
    expect_weight_of_content(&window);
    assert_int_equal(more.count, 0);
    assert_int_equal(more.weight, 0);
    window_clear(&more);
    window_clear(&window);
}

static void it_knows_what_it_has_by_the_whole_id(void **state)
{
    struct window window = window_of(signal_of("BTC", 0.9, 5), signal_of("ETH", 0.7, 7), NULL);
    struct window none = {0};

    (void)state;
    assert_true(window_has(&window, (struct stream_id){5, 0}));
    assert_true(window_has(&window, (struct stream_id){7, 0}));
    assert_false(window_has(&window, (struct stream_id){5, 1}));
    assert_false(window_has(&window, (struct stream_id){6, 0}));
    assert_false(window_has(&none, (struct stream_id){0, 0}));
    window_clear(&window);
    assert_false(window_has(&window, (struct stream_id){5, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_offered_is_kept_and_weighed),
        cmocka_unit_test(it_is_over_only_beyond_a_limit),
        cmocka_unit_test(the_crowded_symbol_gives_way),
        cmocka_unit_test(the_lowest_ranked_second_ones_fall_first),
        cmocka_unit_test(with_one_of_each_the_lowest_ranked_fall),
        cmocka_unit_test(the_weight_thins_too),
        cmocka_unit_test(a_light_one_never_passes_a_better_heavy_one),
        cmocka_unit_test(what_weighs_as_much_as_may_stay_stays),
        cmocka_unit_test(only_a_full_count_turns_newcomers_away),
        cmocka_unit_test(those_without_hope_fall_first),
        cmocka_unit_test(those_without_hope_take_no_place),
        cmocka_unit_test(one_without_hope_is_no_bar),
        cmocka_unit_test(one_window_absorbs_another),
        cmocka_unit_test(one_that_was_absorbed_turns_nobody_away),
        cmocka_unit_test(it_knows_what_it_has_by_the_whole_id),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
