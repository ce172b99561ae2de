/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

#define ERROR_SHARE 0.05 /* an interval of 95% */

/* --- days */

static struct sample_day *day_of(struct samples *samples, int64_t day)
{
    size_t at = samples->count;

    while (at > 0 && samples->days[at - 1].day > day)
        at--;
    if (at > 0 && samples->days[at - 1].day == day)
        return &samples->days[at - 1];
    if (samples->count == samples->room) {
        samples->room = samples->room ? 2 * samples->room : 32;
        samples->days = memory_resize(samples->days, samples->room, sizeof *samples->days);
    }
    for (size_t i = samples->count++; i > at; i--)
        samples->days[i] = samples->days[i - 1];
    samples->days[at] = (struct sample_day){.day = day};
    return &samples->days[at];
}

static void add_side(struct sample_side *side, const struct sample_side *more)
{
    side->over += more->over;
    side->under += more->under;
    side->trades += more->trades;
}

void samples_add(struct samples *samples, int64_t at_ms, size_t side, double over, double under)
{
    const struct sample_side one = {over, under, 1};

    add_side(&day_of(samples, at_ms / CALENDAR_MS_PER_DAY)->sides[side], &one);
}

void samples_take(struct samples *samples, size_t side, const struct samples *other)
{
    for (size_t i = 0; i < other->count; i++)
        add_side(&day_of(samples, other->days[i].day)->sides[side], &other->days[i].sides[0]);
}

void samples_release(struct samples *samples)
{
    free(samples->days);
    *samples = (struct samples){0};
}

/* --- quantiles */

/* By halving, to the last digit that matters. */
double normal_quantile(double above)
{
    double low = 0, high = 40;

    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / sqrt(2)) / 2 > above)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The share between -t and t: a sum of so many terms as half the degrees (Abramowitz and Stegun,
 * 26.7.3 and 26.7.4). */
static double t_within(double t, size_t degrees)
{
    double angle = atan(t / sqrt((double)degrees)), square = cos(angle) * cos(angle);
    bool is_odd = degrees % 2 == 1;
    double term = is_odd ? cos(angle) : 1, sum = 0;

    for (size_t i = is_odd ? 3 : 2; i <= degrees; i += 2) {
        sum += term;
        term *= square * (double)(i - 1) / (double)i;
    }
    return is_odd ? 2 / acos(-1) * (angle + sin(angle) * sum) : sin(angle) * sum;
}

double t_quantile(double above, size_t degrees)
{
    double low = 0, high = 1e6;

    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if ((1 - t_within(middle, degrees)) / 2 > above)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* --- drawing days */

/* splitmix64: every seed is a good one. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* False: a side has nothing. */
static bool value_of(const struct sample_day *sum, bool is_compared, double *ret_value)
{
    const struct sample_side *sides = sum->sides;

    if (!(sides[0].under > 0) || (is_compared && !(sides[1].under > 0)))
        return false;
    *ret_value = sides[0].over / sides[0].under;
    if (is_compared)
        *ret_value -= sides[1].over / sides[1].under;
    return true;
}

static void add_day(struct sample_day *sum, const struct sample_day *day)
{
    for (size_t i = 0; i < SAMPLE_SIDES; i++)
        add_side(&sum->sides[i], &day->sides[i]);
}

static struct sample_day sum_of(const struct samples *samples)
{
    struct sample_day sum = {0};

    for (size_t i = 0; i < samples->count; i++)
        add_day(&sum, &samples->days[i]);
    return sum;
}

static struct sample_day draw_days(const struct samples *samples, uint64_t *state)
{
    struct sample_day sum = {0};

    for (size_t i = 0; i < samples->count; i++)
        add_day(&sum, &samples->days[draw(state) % samples->count]);
    return sum;
}

static int compare_values(const void *a, const void *b)
{
    const double *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

/* Those draws that have both sides, in order. */
static size_t draw_all(const struct figure *figure, double values[static STATISTICS_DRAWS])
{
    uint64_t state = STATISTICS_SEED;
    size_t count = 0;

    for (size_t i = 0; i < STATISTICS_DRAWS; i++) {
        const struct sample_day sum = draw_days(figure->samples, &state);
        count += value_of(&sum, figure->is_compared, &values[count]);
    }
    qsort(values, count, sizeof *values, compare_values);
    return count;
}

/* Farther out the draws of a few days end, and of many there are too few: what is asked there is
 * taken from here, as much wider as t is. */
#define TAIL_LEAST 0.005

/* Few days vary less among themselves than the market does: t for the normal distribution, and n -
 * 1 for n. Of profits that are cut on one side only, percentiles still fall short of what they
 * should hold, by about so much. */
#define SKEW_SLACK 1.05

static double widening(double above, double tail, size_t days)
{
    double n = (double)days;

    return SKEW_SLACK * t_quantile(above, days - 1) / normal_quantile(tail) * sqrt(n / (n - 1));
}

static void find_interval(const struct figure *figure, struct answer *answer)
{
    double *values = memory_array(STATISTICS_DRAWS, sizeof *values);
    double above = ERROR_SHARE / 2 / (double)figure->variants;
    size_t count = draw_all(figure, values);

    if (count > 0) {
        double tail = fmax(above, TAIL_LEAST);
        double wider = widening(above, tail, answer->days);
        size_t out = (size_t)floor(tail * (double)count);
        answer->low = answer->value - wider * (answer->value - values[out]);
        answer->high = answer->value + wider * (values[count - 1 - out] - answer->value);
        answer->has_interval = true;
    }
    free(values);
}

/* --- the answer */

static bool has_trades(const struct figure *figure, const struct answer *answer)
{
    return answer->trades[0] >= STATISTICS_TRADES_MIN &&
           (!figure->is_compared || answer->trades[1] >= STATISTICS_TRADES_MIN);
}

static enum doubt doubt_of(const struct figure *figure, const struct answer *answer)
{
    if (figure->coverage < STATISTICS_COVERAGE_MIN)
        return DOUBT_COVERAGE;
    if (!has_trades(figure, answer))
        return DOUBT_TRADES;
    if (!answer->has_interval)
        return DOUBT_DAYS;
    return answer->low <= 0 && answer->high >= 0 ? DOUBT_ZERO : DOUBT_NONE;
}

struct answer statistics_ask(const struct figure *figure)
{
    const struct sample_day sum = sum_of(figure->samples);
    struct answer answer = {.coverage = figure->coverage, .days = figure->samples->count};

    for (size_t i = 0; i < SAMPLE_SIDES; i++)
        answer.trades[i] = sum.sides[i].trades;
    answer.is_known = value_of(&sum, figure->is_compared, &answer.value);
    if (answer.is_known && answer.days >= STATISTICS_DAYS_MIN)
        find_interval(figure, &answer);
    answer.doubt = doubt_of(figure, &answer);
    return answer;
}

const char *doubt_words(enum doubt doubt)
{
    static const char *const words[] = {
        [DOUBT_COVERAGE] = "not distinguishable: too much is not known",
        [DOUBT_TRADES] = "not distinguishable: too few trades",
        [DOUBT_DAYS] = "not distinguishable: too few days",
        [DOUBT_ZERO] = "not distinguishable: the interval holds zero",
        [DOUBT_NONE] = "",
    };

    return words[doubt];
}
