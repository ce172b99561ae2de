/* SPDX-License-Identifier: MIT */
#include "router/decide/super_times.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

static const int64_t HOUR_MS = 3600000;

/* Takes the next time that lies within the hour; what is malformed is passed over. */
static bool next(const char **times, int64_t now_ms, int64_t *ret_ms)
{
    while (**times) {
        const char *start = *times;
        size_t length = strcspn(start, " ");
        *times += length + (start[length] == ' ');
        if (number_read_integer(start, length, ret_ms) && *ret_ms > now_ms - HOUR_MS)
            return true;
    }
    return false;
}

int64_t super_times_count(const char *times, int64_t now_ms)
{
    int64_t count = 0;
    int64_t ms;

    while (next(&times, now_ms, &ms))
        count++;
    return count;
}

char *super_times_with(const char *times, int64_t now_ms, size_t more)
{
    enum { EACH = 21 };
    size_t room = strlen(times) + 2 + more * EACH;
    char *noted = memory_new(room);
    size_t length = 0;
    int64_t ms;

    while (next(&times, now_ms, &ms))
        length += (size_t)snprintf(noted + length, room - length, "%s%lld", length ? " " : "",
                                   (long long)(ms < now_ms ? ms : now_ms));
    for (size_t i = 0; i < more; i++)
        length += (size_t)snprintf(noted + length, room - length, "%s%lld", length ? " " : "",
                                   (long long)now_ms);
    return noted;
}
