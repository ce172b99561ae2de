/* SPDX-License-Identifier: MIT */
/* Intervals against what is known of them: tables, and worlds whose truth was chosen. */
#include <math.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "ctl/past/decide/statistics.h"
#include "tests/unit/support.h"

static void expect_near(double value, double expected, double most)
{
    if (!(fabs(value - expected) <= most))
        fail_msg("%.6f is not %.6f", value, expected);
}

/* As in the tables of every book. */
static void test_quantiles(void **state)
{
    (void)state;
    expect_near(normal_quantile(0.025), 1.959964, 1e-6);
    expect_near(normal_quantile(0.05), 1.644854, 1e-6);
    expect_near(normal_quantile(0.0005), 3.290527, 1e-6);
    expect_near(t_quantile(0.025, 1), 12.706205, 1e-6);
    expect_near(t_quantile(0.025, 4), 2.776445, 1e-6);
    expect_near(t_quantile(0.0005, 4), 8.610302, 1e-6);
    expect_near(t_quantile(0.025, 9), 2.262157, 1e-6);
    expect_near(t_quantile(0.005, 29), 2.756386, 1e-6);
    expect_near(t_quantile(0.025, 1000), 1.962339, 1e-6);
}

static int64_t moment(int64_t day)
{
    return NOW_MS + day * CALENDAR_MS_PER_DAY;
}

static void test_days_are_kept_in_order(void **state)
{
    static const int64_t days[] = {3, 1, 2, 3, 1, 0};
    struct samples samples = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(days); i++)
        samples_add(&samples, moment(days[i]), 0, (double)i, 1);
    assert_int_equal(samples.count, 4);
    for (size_t i = 1; i < samples.count; i++)
        assert_true(samples.days[i - 1].day < samples.days[i].day);
    assert_int_equal(samples.days[3].sides[0].trades, 2);
    expect_near(samples.days[3].sides[0].over, 3, 0);
    samples_release(&samples);
}

static struct answer ask(const struct samples *samples, bool is_compared, double coverage,
                         size_t variants)
{
    const struct figure figure = {samples, is_compared, coverage, variants};

    return statistics_ask(&figure);
}

/* Each condition alone keeps a verdict back. */
static void test_doubts(void **state)
{
    struct samples few_days = {0}, few_trades = {0}, sure = {0}, none = {0};

    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        samples_add(&few_days, moment(i % 4), 0, 5, 1);
        samples_add(&sure, moment(i % 10), 0, 5 + (double)(i % 3), 1);
        if (i < 29)
            samples_add(&few_trades, moment(i), 0, 5, 1);
    }
    assert_int_equal(ask(&few_days, false, 1, 1).doubt, DOUBT_DAYS);
    assert_int_equal(ask(&few_trades, false, 1, 1).doubt, DOUBT_TRADES);
    assert_int_equal(ask(&sure, false, 0.899, 1).doubt, DOUBT_COVERAGE);
    assert_int_equal(ask(&sure, true, 1, 1).doubt, DOUBT_TRADES);
    assert_int_equal(ask(&sure, false, 0.9, 1).doubt, DOUBT_NONE);
    assert_int_equal(ask(&none, false, 1, 1).doubt, DOUBT_TRADES);
    assert_false(ask(&none, false, 1, 1).is_known);
    samples_release(&few_days);
    samples_release(&few_trades);
    samples_release(&sure);
}

/* Days that are all alike leave no doubt, and the value is the mean. */
static void test_a_value_without_doubt(void **state)
{
    struct samples samples = {0}, other = {0};

    (void)state;
    for (int64_t i = 0; i < 60; i++) {
        samples_add(&samples, moment(i % 6), 0, 7, 1);
        samples_add(&other, moment(i % 6), 0, 4, 2);
    }
    samples_take(&samples, 1, &other);
    struct answer answer = ask(&samples, true, 1, 1);
    assert_int_equal(answer.doubt, DOUBT_NONE);
    expect_near(answer.value, 5, 1e-12);
    expect_near(answer.low, 5, 1e-12);
    expect_near(answer.high, 5, 1e-12);
    assert_int_equal(answer.trades[1], 60);
    samples_release(&samples);
    samples_release(&other);
}

static void test_the_same_each_time_and_wider_for_more(void **state)
{
    struct samples samples = {0};

    (void)state;
    chance_begin();
    for (int64_t i = 0; i < 300; i++)
        samples_add(&samples, moment(i % 20), 0, (double)chance_below(1000) - 500, 1);
    struct answer first = ask(&samples, false, 1, 1), again = ask(&samples, false, 1, 1);
    struct answer many = ask(&samples, false, 1, 24);
    expect_near(first.low, again.low, 0);
    expect_near(first.high, again.high, 0);
    assert_true(many.low < first.low && many.high > first.high);
    samples_release(&samples);
}

/* --- worlds */

struct world {
    double truth;      /* that the first side is better by */
    size_t days;       /* of five to fifteen trades on each side, */
    double day_spread; /* which share what their day was like */
};

/* The promise is of many; of a few it is asked with the slack of a few. */
enum { VARIANTS = 24 };
enum { WORLDS_MANY = 400, WORLDS_FEW = 40, SLACK_FEW = 6 };

static bool asks_many(void)
{
    return getenv("QUANTUM_TEST_FULL") != NULL;
}

static double slack(void)
{
    return asks_many() ? 0 : SLACK_FEW;
}

/* About normal, of spread 1. */
static double noise(void)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += (double)chance_below(1u << 24) / (1u << 24);
    return sum - 6;
}

/* Fat on one side, as profits with a stop are: of mean 0. */
static double profit_noise(void)
{
    return chance_one_in(4) ? 30 * fabs(noise()) - 5.9841 : -6 + 3 * noise();
}

static struct answer ask_world(const struct world *world)
{
    struct samples samples = {0};

    for (size_t day = 0; day < world->days; day++) {
        double shared = world->day_spread * noise();
        for (size_t side = 0; side < SAMPLE_SIDES; side++)
            for (size_t i = chance_below(11) + 5; i > 0; i--)
                samples_add(&samples, moment((int64_t)day), side,
                            (side == 0 ? world->truth : 0) + shared + profit_noise(), 1);
    }
    struct answer answer = ask(&samples, true, 1, 1);
    samples_release(&samples);
    return answer;
}

/* In so many of a hundred worlds. */
static double share(const struct world *world,
                    bool (*is_so)(const struct world *world, const struct answer *answer))
{
    const unsigned worlds = asks_many() ? WORLDS_MANY : WORLDS_FEW;
    size_t count = 0;

    chance_begin();
    for (unsigned i = 0; i < worlds; i++) {
        struct answer answer = ask_world(world);
        count += is_so(world, &answer);
    }
    return 100.0 * (double)count / worlds;
}

static bool holds_truth(const struct world *world, const struct answer *answer)
{
    return answer->low <= world->truth && world->truth <= answer->high;
}

static bool is_verdict(const struct world *world, const struct answer *answer)
{
    (void)world;
    return answer->doubt == DOUBT_NONE;
}

static bool is_right(const struct world *world, const struct answer *answer)
{
    return is_verdict(world, answer) && (answer->value > 0) == (world->truth > 0);
}

static void test_intervals_hold_the_truth(void **state)
{
    static const struct world worlds[] = {
        {0, 30, 0}, {0, 30, 10}, {4, 12, 5}, {-4, 60, 5}, {2, 8, 10}, {0, 6, 5},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        double held = share(&worlds[i], holds_truth);
        if (held < 90 - slack() || held > 98 + slack())
            fail_msg("world %zu: %.1f of 100 intervals hold the truth", i, held);
    }
}

static void test_nothing_is_found_where_there_is_nothing(void **state)
{
    static const struct world worlds[] = {{0, 30, 0}, {0, 30, 20}, {0, 10, 10}};

    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        double found = share(&worlds[i], is_verdict);
        if (found > 7 + slack())
            fail_msg("world %zu: a verdict in %.1f of 100", i, found);
    }
}

/* Each of its own market, all of one call: in none of them may there be a verdict. */
static bool finds_among_many(size_t days)
{
    bool is_found = false;

    for (size_t variant = 0; variant < VARIANTS; variant++) {
        struct samples samples = {0};
        for (int64_t i = 0; i < (int64_t)days * 8; i++)
            samples_add(&samples, moment(i % (int64_t)days), 0, noise(), 1);
        struct answer answer = ask(&samples, false, 1, VARIANTS);
        is_found |= answer.doubt == DOUBT_NONE;
        samples_release(&samples);
    }
    return is_found;
}

static void test_many_variants_are_as_sure_as_one(void **state)
{
    const unsigned calls = asks_many() ? 200 : 20;

    (void)state;
    for (size_t days = STATISTICS_DAYS_MIN; days <= 10; days += 5) {
        unsigned found = 0;
        chance_begin();
        for (unsigned i = 0; i < calls; i++)
            found += finds_among_many(days);
        if (100 * found > (7 + slack()) * calls)
            fail_msg("%zu days: something is found in %u of %u calls", days, found, calls);
    }
}

static void test_what_was_planted_is_found(void **state)
{
    static const struct world worlds[] = {{8, 30, 10}, {-8, 30, 10}};

    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        double found = share(&worlds[i], is_right);
        if (found < 95 - slack())
            fail_msg("world %zu: found in %.1f of 100 only", i, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_days_are_kept_in_order),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_a_value_without_doubt),
        cmocka_unit_test(test_the_same_each_time_and_wider_for_more),
        cmocka_unit_test(test_intervals_hold_the_truth),
        cmocka_unit_test(test_nothing_is_found_where_there_is_nothing),
        cmocka_unit_test(test_many_variants_are_as_sure_as_one),
        cmocka_unit_test(test_what_was_planted_is_found),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
