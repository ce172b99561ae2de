/* SPDX-License-Identifier: MIT */
/* Random sizes and factors, against cents that are worked out on the digits of the product's
 * shortest decimal form, as one would on paper. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/decide/sizing.h"
#include "tests/unit/support.h"

enum { CASES = 100000 };

/* The fewest digits that read back as the value, without an exponent. */
static void shortest(double value, char *ret_text, size_t room)
{
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(ret_text, room, "%.*g", digits, value);
        if (!strchr(ret_text, 'e') && strtod(ret_text, NULL) == value)
            return;
    }
    fail_msg("no short form of %.17g", value);
}

static unsigned long long cents_of(double value)
{
    char text[40];

    shortest(value, text, sizeof text);
    char *point = strchr(text, '.');
    if (!point)
        return 100 * strtoull(text, NULL, 10);
    char fraction[40] = "00";
    memcpy(fraction, point + 1, strlen(point + 1));
    unsigned long long cents = 100 * strtoull(text, NULL, 10) + 10 * (unsigned)(fraction[0] - '0') +
                               (unsigned)(fraction[1] - '0');
    int against_half = strcmp(fraction + 2, "5");
    return cents + (against_half > 0 || (against_half == 0 && cents % 2 == 1));
}

static double any_size(void)
{
    switch (chance_below(4)) {
    case 0: /* cents */
        return (double)(1 + chance_below(1000000)) / 100.0;
    case 1: /* halves of a cent */
        return (double)(1 + chance_below(2000000)) / 200.0;
    case 2: /* any six decimals */
        return (double)(1000 + chance_next() % 10000000000) / 1e6;
    default: /* all bits */
        return 0.01 + (double)(chance_next() >> 11) / 9007199254740992.0 * 9999.0;
    }
}

static double any_factor(void)
{
    static const double usual[] = {1.3, 1.1, 1.0, 1.25, 0.5, 2.0};

    return chance_one_in(3) ? (double)(1 + chance_below(4000)) / 1000.0
                            : usual[chance_below(COUNT(usual))];
}

static void expect_exact(const struct sizing_rules *rules, unsigned rank, double base_usd)
{
    struct sizing sizing = sizing_apply(rules, rank, base_usd, 0.9);
    double factor = rank <= SIZING_RANKS ? rules->factor[rank - 1] : 1.0;
    unsigned long long cents = cents_of(base_usd * factor);
    char wanted[40];

    (void)snprintf(wanted, sizeof wanted, "%llu.%02llu", cents / 100, cents % 100);
    if (sizing.boosted_usd != strtod(wanted, NULL))
        fail_msg("%.17g * %.17g is %.17g, wanted %s", base_usd, factor, sizing.boosted_usd, wanted);
    assert_true(sizing.size_usd <= rules->max_position_usd);
    assert_int_equal(sizing.clamped, sizing.boosted_usd > rules->max_position_usd);
    assert_true(sizing.size_usd == (sizing.clamped ? rules->max_position_usd : sizing.boosted_usd));
    assert_true(sizing.factor == (sizing.clamped ? rules->max_position_usd / base_usd : factor));
}

static void sizes_are_exact_to_the_cent(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < CASES; i++) {
        struct sizing_rules rules = {.max_position_usd = 5000.0 + (double)chance_below(5001),
                                     .factor = {any_factor(), any_factor()}};
        double base_usd = any_size();
        if (base_usd * rules.factor[0] > 0.001 && base_usd * rules.factor[1] > 0.001)
            expect_exact(&rules, 1 + (unsigned)chance_below(4), base_usd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_are_exact_to_the_cent)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("property_sizing", tests, NULL, NULL);
}
