/* SPDX-License-Identifier: MIT */
/*
 * Values as text: how variables, flags and defaults are read, and how any value is printed again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/options/option_value.h"

#define MASK "********"

static bool take_integer_text(const struct option_target *target, const char *text)
{
    int64_t value;
    if (number_read_integer(text, strlen(text), &value))
        return option_take_integer(target, value);
    option_complain_wrong(target, text);
    return false;
}

/* As in the file, and as integers have it. */
static bool has_leading_zero(const char *text)
{
    text += *text == '-' || *text == '+';
    return text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

static bool take_real_text(const struct option_target *target, const char *text)
{
    double value;
    if (!has_leading_zero(text) && number_read(text, strlen(text), &value))
        return option_take_real(target, value);
    option_complain_wrong(target, text);
    return false;
}

static bool take_bool_text(const struct option_target *target, const char *text)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(words[i], text) == 0)
            return option_take_bool(target, i % 2 == 1);
    }
    option_complain_wrong(target, text);
    return false;
}

/* A text of blanks alone is the empty list; otherwise each comma parts two names, and an empty one
 * is refused later. */
static bool take_names_text(const struct option_target *target, const char *text)
{
    struct names names = {0};
    if (text[strspn(text, " \t")] != '\0') {
        const char *comma;
        for (; (comma = strchr(text, ',')) != NULL; text = comma + 1)
            names_add(&names, text, (size_t)(comma - text));
        names_add(&names, text, strlen(text));
    }
    return option_take_names(target, names);
}

bool option_take_text(const struct option_target *target, const char *text)
{
    switch (target->row->type) {
    case OPTION_INT:
        return take_integer_text(target, text);
    case OPTION_REAL:
        return take_real_text(target, text);
    case OPTION_BOOL:
        return take_bool_text(target, text);
    case OPTION_TEXT:
        return option_take_string(target, text);
    case OPTION_CHOICE:
        return option_take_choice(target, text);
    case OPTION_NAMES:
        return take_names_text(target, text);
    }
    abort();
}

/* Finds "pass" in scheme://user:pass@host. The last '@' counts, wherever it stands: a password with
 * a '/' in it that nobody encoded shall not be shown either. */
static const char *find_password(const char *text, size_t *ret_length)
{
    const char *scheme = strstr(text, "://");
    if (scheme == NULL)
        return NULL;
    const char *user = scheme + strlen("://");
    const char *at = strrchr(user, '@');
    const char *colon = strchr(user, ':');
    if (at == NULL || colon == NULL || colon > at)
        return NULL;
    *ret_length = (size_t)(at - colon - 1);
    return colon + 1;
}

static char *print_real(double value)
{
    char text[NUMBER_TEXT_MAX];
    number_shortest(value, text);
    return memory_text(text);
}

char *names_join(const struct names *names, const char *between)
{
    char *text = memory_text("");
    for (size_t i = 0; i < names->count; i++) {
        char *longer = memory_format("%s%s%s", text, i > 0 ? between : "", names->list[i]);
        free(text);
        text = longer;
    }
    return text;
}

char *option_text(const struct option_row *row, const void *slot)
{
    switch (row->type) {
    case OPTION_INT:
        return memory_format("%" PRId64, *(const int64_t *)slot);
    case OPTION_REAL:
        return print_real(*(const double *)slot);
    case OPTION_BOOL:
        return memory_text(*(const bool *)slot ? "true" : "false");
    case OPTION_TEXT:
        return memory_text(*(char *const *)slot);
    case OPTION_CHOICE:
        return memory_text(row->choices[*(const int *)slot]);
    case OPTION_NAMES:
        return names_join(slot, ",");
    }
    abort();
}

char *option_mask(const struct option_row *row, const char *text)
{
    bool is_text = row->type == OPTION_TEXT;
    size_t length = 0;
    const char *password = is_text ? find_password(text, &length) : NULL;
    if (password != NULL && length > 0)
        return memory_format("%.*s" MASK "%s", (int)(password - text), text, password + length);
    bool is_open = is_text && (strstr(text, "://") != NULL || *text == '\0');
    return memory_text(row->secret && !is_open ? MASK : text);
}

char *option_print(const struct option_row *row, const void *slot)
{
    char *text = option_text(row, slot);
    char *masked = option_mask(row, text);
    free(text);
    return masked;
}

void option_text_replace(char **text, const char *replacement)
{
    char *copy = memory_text(replacement);
    free(*text);
    *text = copy;
}

/* In quotes, as libconfig reads them; control characters are in no value. */
static char *quoted(const char *text, size_t length)
{
    char *quote = memory_raw(2 * length + 3);
    char *at = quote;
    *at++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            *at++ = '\\';
        *at++ = text[i];
    }
    *at++ = '"';
    *at = '\0';
    return quote;
}

static char *quoted_list(const char *text)
{
    char *list = memory_text("[");
    for (bool first = true; *text != '\0'; first = false) {
        size_t length = strcspn(text, ",");
        char *name = quoted(text, length);
        char *longer = memory_format("%s%s%s", list, first ? "" : ", ", name);
        free(name);
        free(list);
        list = longer;
        text += length + (text[length] == ',');
    }
    char *closed = memory_format("%s]", list);
    free(list);
    return closed;
}

/* An integer of more than 32 bits wants an L. */
static char *number_literal(const char *text)
{
    int64_t value;
    bool is_integer = number_read_integer(text, strlen(text), &value);
    bool is_long = is_integer && (value < INT32_MIN || value > INT32_MAX);
    return memory_format("%s%s", text, is_long ? "L" : "");
}

char *option_literal(const struct option_row *row, const char *text)
{
    switch (row->type) {
    case OPTION_INT:
    case OPTION_REAL:
        return number_literal(text);
    case OPTION_BOOL:
        return memory_text(text);
    case OPTION_TEXT:
    case OPTION_CHOICE:
        return quoted(text, strlen(text));
    case OPTION_NAMES:
        return quoted_list(text);
    }
    abort();
}
