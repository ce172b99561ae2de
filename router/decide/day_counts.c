/* SPDX-License-Identifier: MIT */
#include "router/decide/day_counts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

/* A step forth and back across two midnights, and one more. */
enum { DAYS_MAX = 4, DAY_LENGTH = 8, EACH_MAX = DAY_LENGTH + 22 };

static const int64_t count_max = INT64_C(1) << 53;

struct day_count {
    const char *day; /* DAY_LENGTH characters */
    int64_t count;
};

/* What is malformed is passed over. */
static bool next(const char **counts, struct day_count *ret_one)
{
    while (**counts) {
        const char *start = *counts;
        size_t length = strcspn(start, " ");
        *counts += length + (start[length] == ' ');
        if (length > DAY_LENGTH + 1 && start[DAY_LENGTH] == ':' &&
            number_read_integer(start + DAY_LENGTH + 1, length - DAY_LENGTH - 1, &ret_one->count) &&
            ret_one->count >= 0 && ret_one->count <= count_max) {
            ret_one->day = start;
            return true;
        }
    }
    return false;
}

static bool is_of(const struct day_count *one, const char *day)
{
    return strncmp(one->day, day, DAY_LENGTH) == 0;
}

int64_t day_counts_of(const char *counts, const char *day)
{
    struct day_count one;

    while (next(&counts, &one))
        if (is_of(&one, day))
            return one.count;
    return 0;
}

char *day_counts_with(const char *counts, const char *day, int64_t count)
{
    enum { ROOM = DAYS_MAX * EACH_MAX };
    char *noted = memory_new(ROOM);
    struct day_count one;

    size_t length = (size_t)snprintf(noted, ROOM, "%s:%lld", day, (long long)count);
    for (size_t others = 1; others < DAYS_MAX && next(&counts, &one);) {
        if (is_of(&one, day))
            continue;
        length += (size_t)snprintf(noted + length, ROOM - length, " %.*s:%lld", DAY_LENGTH, one.day,
                                   (long long)one.count);
        others++;
    }
    return noted;
}
