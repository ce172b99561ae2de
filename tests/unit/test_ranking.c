/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "router/decide/ranking.h"
#include "tests/unit/support.h"

enum { GATE = 1, REGIME = 2 };

static struct signal *with(struct signal *signal, unsigned bonuses)
{
    signal->gate_passed = bonuses & GATE;
    signal->regime_known = bonuses & REGIME;
    return signal;
}

static void expect_order(struct window window, const char *wanted)
{
    char order[64] = "";
    size_t length = 0;

    for (size_t i = 0; i < window.count; i++) {
        const char *symbol = window.candidates[i].signal->symbol;
        assert_true(length + strlen(symbol) < sizeof order);
        memcpy(order + length, symbol, strlen(symbol) + 1);
        length += strlen(symbol);
    }
    assert_string_equal(order, wanted);
    window_clear(&window);
}

static void expect_score(double confidence, unsigned bonuses, int64_t nano)
{
    struct score_rules rules = bonuses_usual();
    struct signal *signal = with(signal_of("A", confidence, 1), bonuses);
    struct candidate candidate = ranking_score(&rules, signal);

    assert_ptr_equal(candidate.signal, signal);
    assert_int_equal(candidate.score_nano, nano);
    assert_true(candidate.score > (double)nano / 1e9 - 1e-9 &&
                candidate.score < (double)nano / 1e9 + 1e-9);
    signal_free(signal);
}

static void bonuses_add_to_the_confidence(void **state)
{
    (void)state;
    expect_score(0.95, 0, 950000000);
    expect_score(0.95, GATE, 970000000);
    expect_score(0.95, REGIME, 960000000);
    expect_score(0.95, GATE | REGIME, 980000000);
    expect_score(1.0, GATE | REGIME, 1030000000);
    expect_score(0.0, 0, 0);
}

static void higher_scores_come_first(void **state)
{
    (void)state;
    expect_order(
        window_of(signal_of("A", 0.80, 1), signal_of("B", 0.95, 2), signal_of("C", 0.90, 3), NULL),
        "BCA");
    expect_order(window_of(signal_of("A", 0.91, 1), with(signal_of("B", 0.90, 2), GATE), NULL),
                 "BA");
}

static void then_higher_confidences(void **state)
{
    (void)state;
    expect_order(window_of(with(signal_of("A", 0.90, 1), GATE), signal_of("B", 0.92, 2),
                           with(signal_of("C", 0.91, 3), REGIME), NULL),
                 "BCA");
}

static void then_earlier_signals(void **state)
{
    struct signal *second = signal_of("B", 0.9, 5);

    (void)state;
    second->id.sequence = 1;
    expect_order(window_of(signal_of("C", 0.9, 6), second, signal_of("A", 0.9, 5), NULL), "ABC");
}

/* In binary 0.81 + 0.02 is a hair above 0.82 + 0.01 and 0.83, and 0.79 + 0.02 + 0.01 above 0.82: at
 * nine decimals they are the same, and the confidence decides. */
static void float_noise_decides_nothing(void **state)
{
    (void)state;
    expect_order(window_of(with(signal_of("A", 0.81, 1), GATE),
                           with(signal_of("B", 0.82, 2), REGIME), signal_of("C", 0.83, 3), NULL),
                 "CBA");
    expect_order(window_of(with(signal_of("A", 0.79, 1), GATE | REGIME),
                           with(signal_of("B", 0.80, 2), GATE), signal_of("C", 0.82, 3), NULL),
                 "CBA");
    expect_order(window_of(signal_of("A", 0.9, 1), signal_of("B", 0.9000000001, 2), NULL), "BA");
    expect_order(window_of(signal_of("A", 0.9, 1), signal_of("B", 0.900000001, 2), NULL), "BA");
}

static void a_tenth_decimal_counts_less_than_the_confidence(void **state)
{
    /* At nine decimals the scores are the same, though A's is the larger one. */
    (void)state;
    expect_order(window_of(with(signal_of("A", 0.9000000004, 1), GATE),
                           signal_of("B", 0.9200000001, 2), NULL),
                 "BA");
    /* Rounded, not cut. */
    expect_order(window_of(with(signal_of("A", 0.9000000014, 1), GATE),
                           signal_of("B", 0.9200000006, 2), NULL),
                 "BA");
}

static void few_need_no_sorting(void **state)
{
    (void)state;
    ranking_sort(NULL, 0);
    expect_order(window_of(signal_of("A", 0.9, 1), NULL), "A");
}

static struct candidate any_candidate(const struct score_rules *rules, uint64_t id)
{
    double confidence = (double)(750000000 + chance_below(4) * 10000000 + chance_below(2)) / 1e9;
    struct signal *signal = with(signal_of("A", confidence, id), (unsigned)chance_below(4));

    return ranking_score(rules, signal);
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void the_order_is_total(void **state)
{
    enum { MANY = 60 };
    struct score_rules rules = bonuses_usual();
    struct candidate some[MANY];

    (void)state;
    chance_begin();
    for (size_t i = 0; i < MANY; i++)
        some[i] = any_candidate(&rules, i);
    for (size_t a = 0; a < MANY; a++)
        for (size_t b = 0; b < MANY; b++) {
            int ab = sign(ranking_compare(&some[a], &some[b]));
            assert_int_equal(ab, -sign(ranking_compare(&some[b], &some[a])));
            assert_int_equal(ab == 0, a == b);
            for (size_t c = 0; c < MANY; c++)
                if (ab < 0 && ranking_compare(&some[b], &some[c]) < 0)
                    assert_true(ranking_compare(&some[a], &some[c]) < 0);
        }
    for (size_t i = 0; i < MANY; i++)
        signal_free(some[i].signal);
}

static void shuffle(struct candidate *candidates, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = chance_below(i);
        struct candidate kept = candidates[i - 1];
        candidates[i - 1] = candidates[other];
        candidates[other] = kept;
    }
}

static void the_order_of_arrival_does_not_matter(void **state)
{
    enum { MANY = 300 };
    struct score_rules rules = bonuses_usual();
    struct candidate once[MANY];
    struct candidate again[MANY];

    (void)state;
    chance_begin();
    for (size_t i = 0; i < MANY; i++)
        once[i] = any_candidate(&rules, i);
    memcpy(again, once, sizeof once);
    ranking_sort(once, MANY);
    for (int round = 0; round < 50; round++) {
        shuffle(again, MANY);
        ranking_sort(again, MANY);
        for (size_t i = 0; i < MANY; i++)
            assert_ptr_equal(again[i].signal, once[i].signal);
    }
    for (size_t i = 0; i < MANY; i++)
        signal_free(once[i].signal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bonuses_add_to_the_confidence),
        cmocka_unit_test(higher_scores_come_first),
        cmocka_unit_test(then_higher_confidences),
        cmocka_unit_test(then_earlier_signals),
        cmocka_unit_test(float_noise_decides_nothing),
        cmocka_unit_test(a_tenth_decimal_counts_less_than_the_confidence),
        cmocka_unit_test(few_need_no_sorting),
        cmocka_unit_test(the_order_is_total),
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("ranking", tests, NULL, NULL);
}
