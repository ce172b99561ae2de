/* SPDX-License-Identifier: MIT */
#include "common/trade/number_words.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* DEL: JSON allows it in a string, and it is as short as the shortest word. */
static const char mark[] = "\"\x7f\"";

static const char *const words[] = {"NaN", "Infinity", "-Infinity"};

bool number_words_is_mark(const char *string)
{
    return string[0] == mark[1] && string[1] == '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether a value may end before this place: behind a blank or one of these. In front of a colon
 * stands a name. */
static bool ends_a_value(const char *at, const char *end)
{
    if (at == end || !(is_blank(*at) || strchr(",]}", *at)))
        return false;
    while (at < end && is_blank(*at))
        at++;
    return at == end || *at != ':';
}

/* How long the word is that begins here; 0: none does. */
static size_t word_at(const char *text, const char *at, const char *end)
{
    if (at == text || !(is_blank(at[-1]) || strchr(":[,", at[-1])))
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(end - at) >= length && memcmp(at, words[i], length) == 0 &&
            ends_a_value(at + length, end))
            return length;
    }
    return 0;
}

static const char *behind_string(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return end;
}

char *number_words_replace(const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = text;
    char *copy = NULL;

    while (at < end) {
        if (*at == '"') {
            at = behind_string(at, end);
            continue;
        }
        size_t word = word_at(text, at, end);
        if (word > 0 && !copy)
            copy = memory_bytes(text, length);
        if (word > 0) {
            memset(copy + (at - text), ' ', word);
            memcpy(copy + (at - text), mark, sizeof mark - 1);
        }
        at += word > 0 ? word : 1;
    }
    return copy;
}

json_t *number_words_load(const char *text, size_t length, size_t flags, json_error_t *ret_error)
{
    json_t *parsed = json_loadb(text, length, flags, ret_error);
    char *replaced = parsed ? NULL : number_words_replace(text, length);

    if (replaced)
        parsed = json_loadb(replaced, length, flags, ret_error);
    free(replaced);
    return parsed;
}
