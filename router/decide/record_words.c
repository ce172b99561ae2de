/* SPDX-License-Identifier: MIT */
#include "router/decide/record_words.h"

#include <string.h>

#include "common/base/number.h"

bool recorded_next(struct recorded_text text, char between, size_t *at,
                   struct recorded_text *ret_part)
{
    if (*at >= text.length)
        return false;
    const char *begin = text.bytes + *at;
    const char *end = memchr(begin, between, text.length - *at);
    size_t length = end ? (size_t)(end - begin) : text.length - *at;

    *ret_part = (struct recorded_text){begin, length};
    *at += length + (end ? 1 : 0);
    return true;
}

bool recorded_is(struct recorded_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

bool recorded_next_word(struct recorded_text words, size_t *at, struct recorded_text *ret_name,
                        struct recorded_text *ret_value)
{
    struct recorded_text word;

    while (recorded_next(words, ' ', at, &word)) {
        const char *sign = word.length > 0 ? memchr(word.bytes, '=', word.length) : NULL;
        if (!sign)
            continue;
        size_t length = (size_t)(sign - word.bytes);
        *ret_name = (struct recorded_text){word.bytes, length};
        *ret_value = (struct recorded_text){sign + 1, word.length - length - 1};
        return true;
    }
    return false;
}

bool recorded_word(struct recorded_text words, const char *name, struct recorded_text *ret_value)
{
    const char *end = words.bytes + words.length;
    size_t length = strlen(name);

    for (const char *at = words.bytes; (at = memmem(at, (size_t)(end - at), name, length)) != NULL;
         at += length) {
        bool begins = at == words.bytes || at[-1] == ' ';
        const char *value = at + length + 1;
        if (!begins || value > end || value[-1] != '=')
            continue;
        const char *blank = memchr(value, ' ', (size_t)(end - value));
        *ret_value = (struct recorded_text){value, (size_t)((blank ? blank : end) - value)};
        return true;
    }
    return false;
}

bool recorded_count(struct recorded_text text, int64_t least, int64_t most, int64_t *ret_count)
{
    int64_t count;

    if (!number_read_integer(text.bytes, text.length, &count) || count < least || count > most)
        return false;
    *ret_count = count;
    return true;
}
