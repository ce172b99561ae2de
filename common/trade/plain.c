/* SPDX-License-Identifier: MIT */
/*
 * What is plain: printable ASCII throughout and no backslash; numbers of at most 18 characters
 * without an exponent, which neither a 64-bit integer nor a double can overflow, and not -0, which
 * is whole to jansson and nothing canonical to us; true, false, null; no name twice.
 */
#include "common/trade/plain.h"

#include <assert.h>
#include <string.h>

enum { NUMBER_MAX = 18 };

/* One look at all of it, without a branch, so that a text's end is where its quote is. */
static bool is_printable(const char *text, size_t length)
{
    unsigned char odd = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        odd |= (unsigned char)((unsigned char)(c - ' ') > '~' - ' ') | (c == '\\');
    }
    return !odd;
}

/* What is still to be read. */
struct rest {
    const char *at;
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct rest *rest)
{
    while (rest->at < rest->end && *rest->at == ' ')
        rest->at++;
}

static bool skip(struct rest *rest, char c)
{
    skip_blanks(rest);
    if (rest->at == rest->end || *rest->at != c)
        return false;
    rest->at++;
    return true;
}

static bool take_text(struct rest *rest, const char **ret_text, uint32_t *ret_length)
{
    if (!skip(rest, '"'))
        return false;
    const char *quote = memchr(rest->at, '"', (size_t)(rest->end - rest->at));
    if (!quote)
        return false;
    *ret_text = rest->at;
    *ret_length = (uint32_t)(quote - rest->at);
    rest->at = quote + 1;
    return true;
}

static void skip_digits(struct rest *rest)
{
    while (rest->at < rest->end && is_digit(*rest->at))
        rest->at++;
}

/* -? (0 | [1-9] digits) (. digits)? */
static bool take_number(struct rest *rest, struct plain_member *member)
{
    const char *number = rest->at;

    if (rest->at < rest->end && *rest->at == '-')
        rest->at++;
    const char *whole = rest->at;
    skip_digits(rest);
    if (rest->at == whole || (*whole == '0' && rest->at - whole > 1))
        return false;
    if (rest->at < rest->end && *rest->at == '.') {
        const char *fraction = ++rest->at;
        skip_digits(rest);
        if (rest->at == fraction)
            return false;
    } else if (whole > number && *whole == '0') {
        return false;
    }
    member->kind = PLAIN_NUMBER;
    member->value = number;
    member->value_length = (uint32_t)(rest->at - number);
    return member->value_length <= NUMBER_MAX;
}

static bool take_word(struct rest *rest, const char *word, enum plain_kind kind,
                      struct plain_member *member)
{
    size_t length = strlen(word);

    if ((size_t)(rest->end - rest->at) < length || memcmp(rest->at, word, length) != 0)
        return false;
    member->kind = kind;
    member->value = rest->at;
    member->value_length = (uint32_t)length;
    rest->at += length;
    return true;
}

static bool take_value(struct rest *rest, struct plain_member *member)
{
    skip_blanks(rest);
    switch (rest->at < rest->end ? *rest->at : '\0') {
    case '"':
        member->kind = PLAIN_TEXT;
        return take_text(rest, &member->value, &member->value_length);
    case 't':
        return take_word(rest, "true", PLAIN_TRUE, member);
    case 'f':
        return take_word(rest, "false", PLAIN_FALSE, member);
    case 'n':
        return take_word(rest, "null", PLAIN_NULL, member);
    case 'N':
        return take_word(rest, "NaN", PLAIN_WORD, member);
    case 'I':
        return take_word(rest, "Infinity", PLAIN_WORD, member);
    default:
        if (rest->end - rest->at > 1 && rest->at[1] == 'I')
            return take_word(rest, "-Infinity", PLAIN_WORD, member);
        return take_number(rest, member);
    }
}

static bool same_name(const struct plain_member *a, const struct plain_member *b)
{
    return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

/* Similar names share a bit; only where that is set are they compared. */
static uint64_t look_of(const char *name, size_t length)
{
    unsigned char first = length > 0 ? (unsigned char)name[0] : 0;

    return UINT64_C(1) << ((first + 5 * length) & 63);
}

static bool is_repeated(struct plain *plain, const struct plain_member *member)
{
    uint64_t look = look_of(member->name, member->name_length);
    bool seen = plain->looks & look;

    plain->looks |= look;
    for (size_t i = 0; seen && i < plain->count; i++)
        if (same_name(&plain->members[i], member))
            return true;
    return false;
}

static bool take_member(struct rest *rest, struct plain *plain)
{
    struct plain_member *member = &plain->members[plain->count];

    if (plain->count == PLAIN_MEMBERS_MAX)
        return false;
    if (!take_text(rest, &member->name, &member->name_length) || !skip(rest, ':') ||
        !take_value(rest, member) || is_repeated(plain, member))
        return false;
    plain->count++;
    return true;
}

bool plain_read(const char *text, size_t length, struct plain *ret_plain)
{
    struct rest rest = {text, text + length};

    assert(length <= UINT32_MAX);
    ret_plain->count = 0;
    ret_plain->looks = 0;
    if (!is_printable(text, length) || !skip(&rest, '{'))
        return false;
    do {
        if (!take_member(&rest, ret_plain))
            return false;
    } while (skip(&rest, ','));
    if (!skip(&rest, '}'))
        return false;
    skip_blanks(&rest);
    return rest.at == rest.end;
}

const struct plain_member *plain_find(const struct plain *plain, const char *name)
{
    size_t length = strlen(name);
    bool may_be_there = plain->looks & look_of(name, length);

    for (size_t i = 0; may_be_there && i < plain->count; i++) {
        const struct plain_member *member = &plain->members[i];
        if (member->name_length == length && memcmp(member->name, name, length) == 0)
            return member;
    }
    return NULL;
}
