/* SPDX-License-Identifier: MIT */
#include "ctl/demo/demo_line.h"

#include <string.h>

#include "common/base/number.h"

/* 0 stands for a digit. */
static const char head[] = "0000-00-00 00:00:00 [";

static bool has_head(const char *text)
{
    for (size_t i = 0; head[i] != '\0'; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (head[i] == '0' ? !is_digit : text[i] != head[i])
            return false;
    }
    return true;
}

/* Pictures are not ASCII, words are. */
static size_t skip_picture(const char *text, size_t at)
{
    if (((unsigned char)text[at] & 0x80) == 0)
        return at;
    size_t length = strcspn(text + at, " ");
    return at + length + (text[at + length] == ' ');
}

bool demo_line_read(const char *text, struct demo_line *ret_line)
{
    if (!has_head(text))
        return false;
    size_t level = sizeof head - 2;
    const char *end = strstr(text + level, "] ");
    if (!end)
        return false;
    size_t message = (size_t)(end - text) + 2;
    size_t word = skip_picture(text, message);
    *ret_line = (struct demo_line){
        .text = text,
        .level = level,
        .level_length = message - 1 - level,
        .message = message,
        .word = word,
        .word_length = strcspn(text + word, " :"),
    };
    return true;
}

bool demo_line_matches(const struct demo_line *line, const char *pattern)
{
    size_t length = strcspn(pattern, "*");
    bool fits = pattern[length] == '*' ? line->word_length >= length : line->word_length == length;

    return fits && strncmp(line->text + line->word, pattern, length) == 0;
}

struct demo_digits demo_line_digits(const struct demo_line *line, const char *key)
{
    const char *place = line->text + line->word + line->word_length;
    size_t length = strlen(key);

    for (; (place = strchr(place, ' ')) != NULL; place++)
        if (strncmp(place + 1, key, length) == 0 && place[1 + length] == '=')
            return (struct demo_digits){place + length + 2,
                                        strspn(place + length + 2, "0123456789")};
    return (struct demo_digits){line->text, 0};
}

uint64_t demo_line_number(const struct demo_line *line, const char *key)
{
    struct demo_digits digits = demo_line_digits(line, key);
    int64_t number;

    return number_read_integer(digits.bytes, digits.length, &number) ? (uint64_t)number : 0;
}
