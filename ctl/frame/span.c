/* SPDX-License-Identifier: MIT */
#include "ctl/frame/span.h"

#include <stdio.h>
#include <string.h>

#include "common/base/escape.h"

struct unit {
    char suffix;
    int64_t ms;
};

/* From the largest down. */
static const struct unit units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};

static const double longest_ms = 100.0 * 365 * 86400000;

bool span_read(const char *text, int64_t *ret_ms)
{
    size_t length = strlen(text);
    int64_t unit_ms = 1000;
    double value;

    for (size_t i = 0; length > 0 && i < sizeof units / sizeof *units; i++) {
        if (text[length - 1] == units[i].suffix) {
            unit_ms = units[i].ms;
            length--;
            break;
        }
    }
    if (!number_read(text, length, &value) ||
        !(value >= 0 && value * (double)unit_ms <= longest_ms))
        return false;
    *ret_ms = (int64_t)(value * (double)unit_ms + 0.5);
    return true;
}

void span_check(const char *flag, const char *text, struct complaints *complaints)
{
    int64_t ms;

    if (!span_read(text, &ms))
        complain(complaints, "--%s=%s is no span of time: 90s, 15m, 1h or 7d", flag,
                 escaped(text).text);
}

void span_print(int64_t ms, char ret_text[static SPAN_TEXT_MAX])
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t tenths = ms / (units[i].ms / 10);
        if (tenths < 10)
            continue;
        if (tenths < 100 && tenths % 10 != 0)
            (void)snprintf(ret_text, SPAN_TEXT_MAX, "%d.%d%c", (int)(tenths / 10),
                           (int)(tenths % 10), units[i].suffix);
        else
            (void)snprintf(ret_text, SPAN_TEXT_MAX, "%lld%c", (long long)(tenths / 10),
                           units[i].suffix);
        return;
    }
    (void)snprintf(ret_text, SPAN_TEXT_MAX, ms > 0 ? "%dms" : "0s", (int)(ms > 0 ? ms : 0));
}

void share_print(double value, char ret_text[static NUMBER_TEXT_MAX])
{
    if (number_round(value, 2) == value)
        (void)snprintf(ret_text, NUMBER_TEXT_MAX, "%.2f", value);
    else
        number_shortest(value, ret_text);
}

struct counted counted(long long count, const char *one, const char *many)
{
    struct counted counted;

    (void)snprintf(counted.text, sizeof counted.text, "%lld %s", count, count == 1 ? one : many);
    return counted;
}
