/* SPDX-License-Identifier: MIT */
#include "common/base/number.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

#define USUAL_MAX  300 /* bytes of a number; a longer one takes memory */
#define DIGITS_MAX 17  /* that a double needs at most to read back */
#define PLACES_MAX 12

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t skip_sign(const char *bytes, size_t length, size_t at)
{
    return at < length && (bytes[at] == '+' || bytes[at] == '-') ? at + 1 : at;
}

static size_t skip_digits(const char *bytes, size_t length, size_t at)
{
    while (at < length && is_digit(bytes[at]))
        at++;
    return at;
}

/* Steps over `d+[.d*]` or `.d+`; false when neither is there. */
static bool skip_mantissa(const char *bytes, size_t length, size_t *at)
{
    size_t whole_end = skip_digits(bytes, length, *at);
    size_t digits = whole_end - *at;
    size_t end = whole_end;

    if (end < length && bytes[end] == '.') {
        end = skip_digits(bytes, length, whole_end + 1);
        digits += end - whole_end - 1;
    }
    *at = end;
    return digits > 0;
}

static bool is_number(const char *bytes, size_t length)
{
    size_t at = skip_sign(bytes, length, 0);

    if (!skip_mantissa(bytes, length, &at))
        return false;
    if (at == length)
        return true;
    if (bytes[at] != 'e' && bytes[at] != 'E')
        return false;
    size_t exponent = skip_sign(bytes, length, at + 1);
    return exponent < length && skip_digits(bytes, length, exponent) == length;
}

/* Up to 15 digits are a whole number that a double holds exactly, and so is the power of ten that
 * the point stands for: one division, rounded once, is what strtod() gives too. */
static bool read_short(const char *bytes, size_t length, double *ret_value)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t point = length;
    uint64_t digits = 0;

    if (length == 0 || length > DBL_DIG)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '.' && point == length)
            point = i;
        else if (is_digit(bytes[i]))
            digits = digits * 10 + (uint64_t)(bytes[i] - '0');
        else
            return false;
    }
    if (point == 0 && length == 1) /* the point alone */
        return false;
    *ret_value = (double)digits / powers[point < length ? length - point - 1 : 0];
    return true;
}

/* Of bytes that are a number; strtod() wants an end that it can see. */
static double value_of(const char *bytes, size_t length)
{
    char usual[USUAL_MAX + 1];

    if (length > USUAL_MAX) {
        char *text = memory_bytes(bytes, length);
        double value = strtod(text, NULL);
        free(text);
        return value;
    }
    memcpy(usual, bytes, length);
    usual[length] = '\0';
    return strtod(usual, NULL);
}

bool number_read(const char *bytes, size_t length, double *ret_value)
{
    if (read_short(bytes, length, ret_value))
        return true;
    if (!is_number(bytes, length))
        return false;
    double value = value_of(bytes, length);
    if (!isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

bool number_read_integer(const char *bytes, size_t length, int64_t *ret_value)
{
    bool negative = length > 0 && bytes[0] == '-';
    size_t first = negative ? 1 : 0;

    if (first == length || skip_digits(bytes, length, first) != length)
        return false;
    if (bytes[first] == '0' && length > 1)
        return false;
    int64_t value = 0; /* gathered below zero, where there is room for INT64_MIN */
    for (size_t i = first; i < length; i++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, bytes[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *ret_value = negative ? value : -value;
    return true;
}

size_t number_print(uint64_t value, char ret_text[static NUMBER_DIGITS_MAX])
{
    char backwards[NUMBER_DIGITS_MAX];
    size_t count = 0;

    do
        backwards[count++] = (char)('0' + value % 10);
    while (value /= 10);
    for (size_t i = 0; i < count; i++)
        ret_text[i] = backwards[count - 1 - i];
    ret_text[count] = '\0';
    return count;
}

/* How many digits a finite value needs to read back. Fifteen always survive the way through a
 * normal double, so any shorter form shows up as fifteen digits with zeros at the end. Subnormals
 * hold fewer and are tried from one on. */
static int digits_needed(double value)
{
    int first = fpclassify(value) == FP_SUBNORMAL ? 1 : DBL_DIG;

    for (int digits = first; digits < DIGITS_MAX; digits++) {
        char text[NUMBER_TEXT_MAX];
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return digits;
    }
    return DIGITS_MAX;
}

/* A number as whole units and how many of their last digits stand behind the point. */
struct fixed {
    uint64_t units;
    unsigned places;
};

static void print_fixed(struct fixed fixed, char *ret_text)
{
    char digits[NUMBER_DIGITS_MAX];
    size_t count = number_print(fixed.units, digits);
    size_t whole = count > fixed.places ? count - fixed.places : 0;

    if (whole == 0)
        *ret_text++ = '0';
    memcpy(ret_text, digits, whole);
    ret_text += whole;
    if (fixed.places > 0)
        *ret_text++ = '.';
    for (size_t zeros = whole == 0 ? fixed.places - count : 0; zeros > 0; zeros--)
        *ret_text++ = '0';
    memcpy(ret_text, digits + whole, count - whole + 1);
}

/* Most numbers have a few decimals. So many digits as a double always holds are exact as a whole
 * number, and one division by an exact power of ten is what strtod() gives too: where it brings the
 * value back, these are its digits, and none of them is too many. False: it has more. */
static bool has_few_decimals(double value, struct fixed *ret_fixed)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    enum { PLACES = sizeof powers / sizeof *powers };

    if (!(value >= 1e-4 && value < 1e9))
        return false;
    for (unsigned places = 0; places < PLACES; places++) {
        double units = nearbyint(value * powers[places]);
        if (units / powers[places] == value) {
            *ret_fixed = (struct fixed){(uint64_t)units, places};
            return true;
        }
    }
    return false;
}

__extension__ typedef unsigned __int128 wide;

/* A number times a power of ten: `units` over two to the power of `shift`. Doubles of its size lie
 * `power` apart there. */
struct scaled {
    wide units;
    unsigned shift;
    uint64_t power;
};

static struct scaled scale(double value, uint64_t power)
{
    enum { MANTISSA = DBL_MANT_DIG - 1, LAST = DBL_MANT_DIG - DBL_MIN_EXP + 1 };
    uint64_t bits, one = UINT64_C(1) << MANTISSA;

    memcpy(&bits, &value, sizeof bits);
    return (struct scaled){(wide)(one | (bits & (one - 1))) * power,
                           LAST - (unsigned)(bits >> MANTISSA), power};
}

/* Half to even, as printf() rounds. */
static uint64_t nearest(const struct scaled *scaled)
{
    wide half = (wide)1 << (scaled->shift - 1), rest = scaled->units & (2 * half - 1);
    uint64_t below = (uint64_t)(scaled->units >> scaled->shift);

    return below + (rest > half || (rest == half && below % 2 == 1));
}

/* Whether they are nearer to the number than to the doubles beside it. In the middle they never
 * are: that has more decimals. */
static bool reads_back(const struct scaled *scaled, uint64_t whole)
{
    wide units = (wide)whole << scaled->shift;
    wide apart = units > scaled->units ? units - scaled->units : scaled->units - units;

    return 2 * apart < scaled->power;
}

static struct fixed without_zeros(struct fixed fixed)
{
    for (; fixed.places > 0 && fixed.units % 10 == 0; fixed.places--)
        fixed.units /= 10;
    return fixed;
}

/* What was added up needs all its digits: "0.9138000000000001". As digits_needed() has them, in
 * whole numbers of 128 bits. Where doubles begin to lie closer, at powers of two, there are few
 * decimals. False: it is not of this size. */
static bool has_many_decimals(double value, struct fixed *ret_fixed)
{
    static const uint64_t powers[] = {
        UINT64_C(1000000000000),       UINT64_C(10000000000000),    UINT64_C(100000000000000),
        UINT64_C(1000000000000000),    UINT64_C(10000000000000000), UINT64_C(100000000000000000),
        UINT64_C(1000000000000000000),
    };
    int more = (value < 100) + (value < 10) + (value < 1) + (value < 0.1);

    if (!(value >= 0.01 && value < 1000))
        return false;
    for (unsigned at = (unsigned)more, end = at + DIGITS_MAX - DBL_DIG; at <= end; at++) {
        struct scaled scaled = scale(value, powers[at]);
        uint64_t whole = nearest(&scaled);
        if (reads_back(&scaled, whole)) {
            *ret_fixed = without_zeros((struct fixed){whole, DBL_DIG - 3 + at});
            return true;
        }
    }
    return false;
}

/* The shortest form of a number of the usual size. */
static bool is_usual(double value, struct fixed *ret_fixed)
{
    return has_few_decimals(value, ret_fixed) || has_many_decimals(value, ret_fixed);
}

void number_shortest(double value, char ret_text[static NUMBER_TEXT_MAX])
{
    struct fixed fixed;

    if (is_usual(value, &fixed)) {
        print_fixed(fixed, ret_text);
        return;
    }
    int digits = isfinite(value) ? digits_needed(value) : 1;

    (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%.*g", digits, value);
}

/* A positive decimal number: 0.d1d2d3… times ten to the power of `point`; the last digit is not
 * zero. */
struct decimal {
    unsigned digits[DIGITS_MAX];
    int count;
    int point;
};

static int read_exponent(const char *text)
{
    bool negative = *text == '-';
    int exponent = 0;

    for (text++; is_digit(*text); text++) /* printf always writes the sign */
        exponent = exponent * 10 + (*text - '0');
    return negative ? -exponent : exponent;
}

/* The digits of the shortest form of a positive value. */
static struct decimal decimal_of(double value)
{
    char text[NUMBER_TEXT_MAX];

    (void)snprintf(text, sizeof text, "%.*e", digits_needed(value) - 1, value); /* "1.10275e+02" */
    struct decimal decimal = {0};
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at != '.')
            decimal.digits[decimal.count++] = (unsigned)(*at - '0');
    }
    while (decimal.count > 1 && decimal.digits[decimal.count - 1] == 0)
        decimal.count--;
    decimal.point = 1 + read_exponent(at + 1);
    return decimal;
}

/* Whether the digits from `keep` on are more than half a unit of the digit before, or half and that
 * digit is odd. */
static bool rounds_up(const struct decimal *decimal, int keep)
{
    if (decimal->digits[keep] != 5)
        return decimal->digits[keep] > 5;
    if (keep + 1 < decimal->count)
        return true;
    return keep > 0 && decimal->digits[keep - 1] % 2 == 1;
}

/* Without a sign; half to even. Both numbers of the division are exact. */
static double round_fixed(struct fixed fixed, unsigned places)
{
    uint64_t power = 1;
    double divisor = 1;

    for (unsigned i = places; i < fixed.places; i++)
        power *= 10;
    for (unsigned i = 0; i < places; i++)
        divisor *= 10;
    uint64_t units = fixed.units / power, rest = fixed.units % power;
    units += 2 * rest > power || (2 * rest == power && units % 2 == 1);
    return (double)units / divisor;
}

double number_round(double value, unsigned places)
{
    struct fixed fixed;

    assert(places <= PLACES_MAX);
    if (!isfinite(value))
        return value;
    if (value == 0)
        return 0.0; /* nobody writes a minus in front of nothing */
    if (is_usual(value, &fixed))
        return fixed.places <= places ? value : round_fixed(fixed, places);
    struct decimal decimal = decimal_of(fabs(value));
    int keep = decimal.point + (int)places;
    if (keep >= decimal.count)
        return value;
    if (keep < 0)
        return 0.0;
    uint64_t units = 0;
    for (int i = 0; i < keep; i++)
        units = units * 10 + decimal.digits[i];
    units += rounds_up(&decimal, keep);
    if (units == 0)
        return 0.0;
    char text[NUMBER_TEXT_MAX];
    (void)snprintf(text, sizeof text, "%s%" PRIu64 "e-%u", value < 0 ? "-" : "", units, places);
    return strtod(text, NULL);
}
