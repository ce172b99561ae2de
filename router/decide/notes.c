/* SPDX-License-Identifier: MIT */
#include "router/decide/notes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/number.h"

/* Takes the next word; false at the end. */
static bool next_word(const char **text, const char **ret_word, size_t *ret_length)
{
    if (!**text)
        return false;
    *ret_word = *text;
    *ret_length = strcspn(*text, " ");
    *text += *ret_length + ((*text)[*ret_length] == ' ');
    return true;
}

/* --- the super-signals of an hour */

static const int64_t HOUR_MS = 3600000;

/* Takes the next time that lies within the hour; a malformed one is passed over. */
static bool next_time(const char **times, int64_t now_ms, int64_t *ret_ms)
{
    const char *word;
    size_t length;

    while (next_word(times, &word, &length))
        if (number_read_integer(word, length, ret_ms) && *ret_ms > now_ms - HOUR_MS)
            return true;
    return false;
}

int64_t notes_supers(const char *times, int64_t now_ms)
{
    int64_t count = 0;
    int64_t ms;

    while (next_time(&times, now_ms, &ms))
        count++;
    return count;
}

char *notes_with_supers(const char *times, int64_t now_ms, size_t more)
{
    enum { EACH = 21 };
    size_t room = strlen(times) + 2 + more * EACH;
    char *noted = memory_new(room);
    size_t length = 0;
    int64_t ms;

    while (next_time(&times, now_ms, &ms))
        length += (size_t)snprintf(noted + length, room - length, "%s%lld", length ? " " : "",
                                   (long long)(ms < now_ms ? ms : now_ms));
    for (size_t i = 0; i < more; i++)
        length += (size_t)snprintf(noted + length, room - length, "%s%lld", length ? " " : "",
                                   (long long)now_ms);
    return noted;
}

/* --- the days */

/* A step forth and back across two midnights, and one more. */
enum { DAYS_MAX = 4, DAY_LENGTH = 8, EACH_MAX = DAY_LENGTH + 22 };

static const int64_t count_max = INT64_C(1) << 53;

struct day_count {
    const char *day; /* DAY_LENGTH characters */
    int64_t count;
};

/* A malformed one is passed over. */
static bool next_day(const char **counts, struct day_count *ret_one)
{
    size_t length;

    while (next_word(counts, &ret_one->day, &length))
        if (length > DAY_LENGTH + 1 && ret_one->day[DAY_LENGTH] == ':' &&
            number_read_integer(ret_one->day + DAY_LENGTH + 1, length - DAY_LENGTH - 1,
                                &ret_one->count) &&
            ret_one->count >= 0 && ret_one->count <= count_max)
            return true;
    return false;
}

static bool is_of(const struct day_count *one, const char *day)
{
    return strncmp(one->day, day, DAY_LENGTH) == 0;
}

int64_t notes_day(const char *counts, const char *day)
{
    struct day_count one;

    while (next_day(&counts, &one))
        if (is_of(&one, day))
            return one.count;
    return 0;
}

char *notes_with_day(const char *counts, const char *day, int64_t count)
{
    enum { ROOM = DAYS_MAX * EACH_MAX };
    char *noted = memory_new(ROOM);
    struct day_count one;

    size_t length = (size_t)snprintf(noted, ROOM, "%s:%lld", day, (long long)count);
    for (size_t others = 1; others < DAYS_MAX && next_day(&counts, &one);) {
        if (is_of(&one, day))
            continue;
        length += (size_t)snprintf(noted + length, ROOM - length, " %.*s:%lld", DAY_LENGTH, one.day,
                                   (long long)one.count);
        others++;
    }
    return noted;
}
