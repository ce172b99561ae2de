/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "tests/unit/support.h"

static void expect_number(const char *text, double expected)
{
    double value = -1;
    assert_true(number_read(text, strlen(text), &value));
    assert_true(value == expected);
}

static void expect_no_number(const char *text)
{
    double value = 4711;
    assert_false(number_read(text, strlen(text), &value));
    assert_true(value == 4711);
}

static void reads_numbers(void **state)
{
    (void)state;
    expect_number("0", 0);
    expect_number("-0", 0);
    expect_number("1.", 1);
    expect_number(".5", 0.5);
    expect_number("+1.25", 1.25);
    expect_number("-1.25e2", -125);
    expect_number("1E+3", 1000);
    expect_number("1e-3", 0.001);
    expect_number("007", 7);
    expect_number("110.275", 110.275);
    expect_number("1e-999", 0);
    expect_number("1.7976931348623157e308", DBL_MAX);
}

/* Few digits are read in another way than many; nobody may notice. */
static void short_ones_read_as_strtod_reads_them(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < 200000; i++) {
        char text[24];
        double value;
        size_t length = 1 + chance_below(17), point = chance_below(20);
        for (size_t j = 0; j < length; j++)
            text[j] = (char)(j == point ? '.' : '0' + (int)chance_below(10));
        text[length] = '\0';
        bool alone = length == 1 && point == 0;
        assert_int_equal(number_read(text, length, &value), !alone);
        if (!alone && value != strtod(text, NULL))
            fail_msg("%s", text);
    }
}

static void prints_whole_numbers(void **state)
{
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {10, "10"},
                 {1768824003000, "1768824003000"},
                 {UINT64_MAX, "18446744073709551615"}};
    char text[NUMBER_DIGITS_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(number_print(cases[i].value, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void refuses_what_is_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",         " ",     "1 ",     " 1",    "\t1", "+",     "-",     ".",     "+.",  "e5",
        ".e5",      "1e",    "1e+",    "1e5 ",  "1,5", "0x1p3", "0x10",  "nan",   "inf", "-inf",
        "infinity", "1e999", "-1e999", "1.2.3", "--1", "+-1",   "1e5.0", "1_000", "1f",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_no_number(texts[i]);
}

static void reads_no_further_than_told(void **state)
{
    (void)state;
    double value;
    assert_true(number_read("12345", 2, &value));
    assert_true(value == 12);
    assert_false(number_read("1\0002", 3, &value));
    assert_false(number_read("5", 0, &value));
}

/* As long as a field may be, and longer, as a text in a document may be. */
static void takes_any_length(void **state)
{
    static char text[60000];
    double value;

    (void)state;
    for (size_t length = 299; length < sizeof text; length += length / 2) {
        memset(text, '0', length);
        text[length - 1] = '7';
        assert_true(number_read(text, length, &value));
        assert_true(value == 7.0);
        text[1] = '.';
        text[2] = '5';
        assert_true(number_read(text, length, &value));
        assert_true(value == 0.5);
        text[length - 1] = ' ';
        assert_false(number_read(text, length, &value));
    }
    memset(text, '1', 309);
    assert_true(number_read(text, 309, &value));
    assert_false(number_read(text, 310, &value));
}

static void expect_integer(const char *text, int64_t expected)
{
    int64_t value = 4711;
    assert_true(number_read_integer(text, strlen(text), &value));
    assert_true(value == expected);
}

static void reads_integers(void **state)
{
    (void)state;
    expect_integer("0", 0);
    expect_integer("7", 7);
    expect_integer("-7", -7);
    expect_integer("1000000", 1000000);
    expect_integer("9223372036854775807", INT64_MAX);
    expect_integer("-9223372036854775808", INT64_MIN);
    static const char *const wrong[] = {
        "",
        "-",
        "+5",
        "-0",
        "05",
        "-05",
        " 5",
        "5 ",
        "5.0",
        "5L",
        "0x5",
        "1e3",
        "ten",
        "9223372036854775808",
        "--5",
        "-9223372036854775809",
        "99999999999999999999",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t value = 4711;
        assert_false(number_read_integer(wrong[i], strlen(wrong[i]), &value));
        assert_true(value == 4711);
    }
}

static void expect_shortest(double value, const char *expected)
{
    char text[NUMBER_TEXT_MAX];
    number_shortest(value, text);
    assert_string_equal(text, expected);
}

static void prints_the_shortest_form(void **state)
{
    (void)state;
    expect_shortest(0, "0");
    expect_shortest(0.1, "0.1");
    expect_shortest(0.1 + 0.2, "0.30000000000000004");
    expect_shortest(110.275, "110.275");
    expect_shortest(-43.329, "-43.329");
    expect_shortest(1e22, "1e+22");
    expect_shortest(1000000, "1000000");
    expect_shortest(1.0 / 3, "0.3333333333333333");
    expect_shortest(5e-324, "5e-324");
    expect_shortest(2.5e-320, "2.5e-320");
    expect_shortest(DBL_MIN, "2.2250738585072014e-308");
    expect_shortest(DBL_MAX, "1.7976931348623157e+308");
    expect_shortest(INFINITY, "inf");
}

static void expect_rounded(double value, unsigned places, double expected)
{
    double rounded = number_round(value, places);
    if (rounded != expected)
        fail_msg("%.17g at %u places is %.17g, not %.17g", value, places, rounded, expected);
    assert_true(number_round(-value, places) == -expected);
}

static void rounds_half_to_even(void **state)
{
    (void)state;
    expect_rounded(0.125, 2, 0.12);
    expect_rounded(0.135, 2, 0.14);
    expect_rounded(2.675, 2, 2.68);
    expect_rounded(0.005, 2, 0.0);
    expect_rounded(0.015, 2, 0.02);
    expect_rounded(0.025, 2, 0.02);
    expect_rounded(0.5, 0, 0);
    expect_rounded(1.5, 0, 2);
    expect_rounded(2.5, 0, 2);
    expect_rounded(110.275, 2, 110.28);
    expect_rounded(110.265, 2, 110.26);
    expect_rounded(1.0000000000005, 12, 1.0);
    expect_rounded(1.0000000000015, 12, 1.000000000002);
}

static void rounds_to_the_nearer(void **state)
{
    (void)state;
    expect_rounded(43.329, 2, 43.33);
    expect_rounded(43.3249999, 2, 43.32);
    expect_rounded(0.0051, 2, 0.01);
    expect_rounded(0.0050000001, 2, 0.01);
    expect_rounded(0.0049, 2, 0.0);
    expect_rounded(0.0006, 2, 0.0);
    expect_rounded(0.06, 1, 0.1);
    expect_rounded(0.5000001, 0, 1);
    expect_rounded(1234.5678, 0, 1235);
}

static void carries(void **state)
{
    (void)state;
    expect_rounded(9.999, 2, 10.0);
    expect_rounded(9.999, 3, 9.999);
    expect_rounded(0.996, 2, 1.0);
    expect_rounded(0.995, 2, 1.0);
    expect_rounded(99999.995, 2, 100000.0);
}

static void leaves_what_is_short_enough(void **state)
{
    (void)state;
    expect_rounded(0, 2, 0);
    expect_rounded(1e22, 2, 1e22);
    expect_rounded(DBL_MAX, 12, DBL_MAX);
    expect_rounded(0.1, 12, 0.1);
    expect_rounded(1234567890.12, 2, 1234567890.12);
    expect_rounded(5e-324, 12, 0);
    expect_rounded(1e-13, 12, 0);
    expect_rounded(1e308, 8, 1e308);
    expect_rounded(DBL_MAX, 12, DBL_MAX);
}

static void what_is_not_finite_stays(void **state)
{
    (void)state;
    expect_rounded(INFINITY, 2, INFINITY);
    assert_true(isnan(number_round(NAN, 2)));
}

static void never_rounds_to_minus_zero(void **state)
{
    (void)state;
    assert_false(signbit(number_round(-0.001, 2)));
    assert_false(signbit(number_round(-0.005, 2)));
    assert_false(signbit(number_round(-0.0, 2)));
}

/* As printf() prints it with as few digits as read back. */
static void expect_as_printed(double value)
{
    char printed[NUMBER_TEXT_MAX];

    for (int digits = DBL_DIG; digits <= 17; digits++) {
        (void)snprintf(printed, sizeof printed, "%.*g", digits, value);
        if (strtod(printed, NULL) == value)
            break;
    }
    expect_shortest(value, printed);
}

static void prints_few_decimals_as_printf_does(void **state)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

    (void)state;
    chance_begin();
    for (int i = 0; i < 200000; i++) {
        double units = (double)(chance_next() >> chance_below(60));
        expect_as_printed(units / powers[chance_below(COUNT(powers))]);
        expect_as_printed((double)chance_next() / 18446744073709551616.0);
    }
    expect_as_printed(0.0001);
    expect_as_printed(0.000099);
    expect_as_printed(0.00010000000000000002);
    expect_as_printed(1e9);
    expect_as_printed(999999999.999999);
    expect_as_printed(999999999.9999999);
    expect_as_printed(0.95 + 0.02);
}

/* Of every size, next to short ones, and around the powers of two, where doubles begin to lie
 * closer. */
static void prints_many_decimals_as_printf_does(void **state)
{
    (void)state;
    chance_begin();
    for (int i = 0; i < 300000; i++) {
        double any = 1 + (double)chance_next() / 18446744073709551616.0;
        expect_as_printed(ldexp(any, 12 - (int)chance_below(24)));
        double tens = (double)(1 + chance_below(100000)) / 1e4;
        expect_as_printed(tens + 0.02);
        expect_as_printed(nextafter(tens, chance_below(2) ? 0 : 2000));
    }
    for (int exponent = -20; exponent < 20; exponent++) {
        expect_as_printed(nextafter(ldexp(1, exponent), 0));
        expect_as_printed(nextafter(ldexp(1, exponent), DBL_MAX));
    }
}

/* From the digits that are printed, as with pencil and paper. */
static void expect_rounded_on_paper(double value, unsigned places)
{
    char text[NUMBER_TEXT_MAX], rounded[NUMBER_TEXT_MAX];
    uint64_t units = 0, cut = 1;
    size_t decimals = 0;

    number_shortest(value, text);
    assert_null(strchr(text, 'e'));
    for (const char *at = text; *at; at++)
        if (*at != '.')
            units = units * 10 + (uint64_t)(*at - '0');
    if (strchr(text, '.'))
        decimals = strlen(strchr(text, '.') + 1);
    for (size_t i = places; i < decimals; i++)
        cut *= 10;
    uint64_t whole = units / cut, rest = units % cut;
    whole += 2 * rest > cut || (2 * rest == cut && whole % 2 == 1);
    (void)snprintf(rounded, sizeof rounded, "%" PRIu64 "e-%zu", whole,
                   decimals < places ? decimals : (size_t)places);
    expect_rounded(value, places, strtod(rounded, NULL));
}

static void rounds_any_number_of_decimals(void **state)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4};

    (void)state;
    chance_begin();
    for (int i = 0; i < 200000; i++) {
        unsigned places = (unsigned)chance_below(13);
        double few = (double)(1 + chance_below(1000000000)) / powers[chance_below(COUNT(powers))];
        double many =
            ldexp(1 + (double)chance_next() / 18446744073709551616.0, 10 - (int)chance_below(18));
        expect_rounded_on_paper(few, places);
        expect_rounded_on_paper(many, places);
        expect_rounded_on_paper((double)(1 + chance_below(100000)) / 1e3 * 1.1, places);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(short_ones_read_as_strtod_reads_them),
        cmocka_unit_test(prints_whole_numbers),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(reads_no_further_than_told),
        cmocka_unit_test(takes_any_length),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(prints_the_shortest_form),
        cmocka_unit_test(prints_few_decimals_as_printf_does),
        cmocka_unit_test(prints_many_decimals_as_printf_does),
        cmocka_unit_test(rounds_half_to_even),
        cmocka_unit_test(rounds_any_number_of_decimals),
        cmocka_unit_test(rounds_to_the_nearer),
        cmocka_unit_test(carries),
        cmocka_unit_test(leaves_what_is_short_enough),
        cmocka_unit_test(never_rounds_to_minus_zero),
        cmocka_unit_test(what_is_not_finite_stays),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
