/* SPDX-License-Identifier: MIT */
/* Numbers in texts, compared with the oracle; and that what is printed reads back. */
#include <math.h>
#include <string.h>

#include "common/base/number.h"
#include "tests/fuzz/oracle_number.h"
#include "tests/fuzz/target.h"

static void check_printing(double value)
{
    char text[NUMBER_TEXT_MAX];
    double again;

    number_shortest(value, text);
    MUST(number_read(text, strlen(text), &again) && again == value);
}

/* Within half a unit of the last place, as far as doubles can tell, and rounded already when
 * rounded again. */
static void check_rounding(double value, unsigned places)
{
    double unit = pow(10, -(double)places);
    double rounded = number_round(value, places);

    MUST(fabs(rounded - value) <= unit / 2 * (1 + 1e-9) + fabs(value) * 1e-15);
    MUST(number_round(rounded, places) == rounded);
    MUST(value < 0 || !signbit(rounded));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    double value = 0, expected = 0;
    int64_t integer = 0, expected_integer = 0;

    bool reads = number_read(text, length, &value);
    MUST(reads == oracle_number(text, length, &expected));
    MUST(!reads || memcmp(&value, &expected, sizeof value) == 0);
    if (reads) {
        check_printing(value);
        check_rounding(value, (unsigned)(length % 13));
    }

    bool is_integer = number_read_integer(text, length, &integer);
    MUST(is_integer == oracle_integer(text, length, &expected_integer));
    MUST(!is_integer || integer == expected_integer);
    return 0;
}
