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

/* A name and how many: "20261130:3". */
struct noted_count {
    const char *name;
    size_t name_length;
    int64_t count;
};

/* Takes the next one; a malformed one, or one of more than `most`, is passed over. */
static bool next_count(const char **counts, int64_t most, struct noted_count *ret_one)
{
    const char *word;
    size_t length;

    while (next_word(counts, &word, &length)) {
        size_t name_length = 0;
        while (name_length < length && word[name_length] != ':')
            name_length++;
        *ret_one = (struct noted_count){.name = word, .name_length = name_length};
        if (name_length < length &&
            number_read_integer(word + name_length + 1, length - name_length - 1,
                                &ret_one->count) &&
            ret_one->count >= 0 && ret_one->count <= most)
            return true;
    }
    return false;
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

/* --- the intents of a minute */

static const int64_t MINUTE_MS = 61000;

/* More no decision publishes, by far; so no sum of these passes its range's end. */
static const int64_t published_max = 1000000;

/* Takes the next one that lies within the minute. */
static bool next_within_minute(const char **counts, int64_t now_ms, int64_t *ret_ms,
                               int64_t *ret_count)
{
    struct noted_count one;

    while (next_count(counts, published_max, &one))
        if (number_read_integer(one.name, one.name_length, ret_ms) &&
            *ret_ms > now_ms - MINUTE_MS) {
            *ret_count = one.count;
            return true;
        }
    return false;
}

int64_t notes_minute(const char *counts, int64_t now_ms)
{
    int64_t sum = 0;
    int64_t ms, count;

    while (next_within_minute(&counts, now_ms, &ms, &count))
        sum += count;
    return sum;
}

char *notes_with_minute(const char *counts, int64_t now_ms, size_t more)
{
    enum { EACH = 42 };
    size_t room = strlen(counts) + EACH;
    char *noted = memory_new(room);
    size_t length = 0;
    int64_t ms, count;

    while (next_within_minute(&counts, now_ms, &ms, &count))
        length += (size_t)snprintf(noted + length, room - length, "%s%lld:%lld", length ? " " : "",
                                   (long long)(ms < now_ms ? ms : now_ms), (long long)count);
    if (more > 0)
        (void)snprintf(noted + length, room - length, "%s%lld:%zu", length ? " " : "",
                       (long long)now_ms, more);
    return noted;
}

/* --- the days */

/* A step forth and back across two midnights, and one more. */
enum { DAYS_MAX = 4, DAY_LENGTH = 8, EACH_MAX = DAY_LENGTH + 22 };

static const int64_t count_max = INT64_C(1) << 53;

/* Takes the next one that is named as a day is. */
static bool next_day(const char **counts, struct noted_count *ret_one)
{
    while (next_count(counts, count_max, ret_one))
        if (ret_one->name_length == DAY_LENGTH)
            return true;
    return false;
}

static bool is_of(const struct noted_count *one, const char *day)
{
    return strncmp(one->name, day, DAY_LENGTH) == 0;
}

int64_t notes_day(const char *counts, const char *day)
{
    struct noted_count one;

    while (next_day(&counts, &one))
        if (is_of(&one, day))
            return one.count;
    return 0;
}

char *notes_with_day(const char *counts, const char *day, int64_t count)
{
    enum { ROOM = DAYS_MAX * EACH_MAX };
    char *noted = memory_new(ROOM);
    struct noted_count one;

    size_t length = (size_t)snprintf(noted, ROOM, "%s:%lld", day, (long long)count);
    for (size_t others = 1; others < DAYS_MAX && next_day(&counts, &one);) {
        if (is_of(&one, day))
            continue;
        length += (size_t)snprintf(noted + length, ROOM - length, " %.*s:%lld", DAY_LENGTH,
                                   one.name, (long long)one.count);
        others++;
    }
    return noted;
}
