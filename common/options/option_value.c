/* SPDX-License-Identifier: MIT */
#include "common/options/option_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"

#define TEXT_MAX 4096 /* bytes of a text whose row sets no limit */
#define MASK     "********"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

void names_add(struct names *names, const char *name, size_t length)
{
    while (length > 0 && is_blank(*name)) {
        name++;
        length--;
    }
    while (length > 0 && is_blank(name[length - 1]))
        length--;
    names->list = memory_resize(names->list, names->count + 1, sizeof *names->list);
    names->list[names->count++] = memory_bytes(name, length);
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){0};
}

void names_assign(struct names *names, const struct names *from)
{
    names_free(names);
    for (size_t i = 0; i < from->count; i++)
        names_add(names, from->list[i], strlen(from->list[i]));
}

static size_t slot_size(enum option_type type)
{
    switch (type) {
    case OPTION_INT:
        return sizeof(int64_t);
    case OPTION_REAL:
        return sizeof(double);
    case OPTION_BOOL:
        return sizeof(bool);
    case OPTION_TEXT:
        return sizeof(char *);
    case OPTION_CHOICE:
        return sizeof(int);
    case OPTION_NAMES:
        return sizeof(struct names);
    }
    abort();
}

void option_slot_init(const struct option_row *row, void *slot)
{
    memset(slot, 0, slot_size(row->type));
}

void option_slot_release(const struct option_row *row, void *slot)
{
    if (row->type == OPTION_TEXT)
        free(*(char **)slot);
    if (row->type == OPTION_NAMES)
        names_free(slot);
    option_slot_init(row, slot);
}

static size_t text_limit(const struct option_row *row)
{
    return row->max > 0 && row->max < TEXT_MAX ? (size_t)row->max : TEXT_MAX;
}

static char *print_real(double value)
{
    char text[NUMBER_TEXT_MAX];

    number_shortest(value, text);
    return memory_text(text);
}

static char *print_bound(const struct option_row *row, double bound)
{
    if (row->type == OPTION_INT)
        return memory_format("%.0f", bound);
    return print_real(bound);
}

char *option_range(const struct option_row *row)
{
    bool ranged = row->type == OPTION_INT || row->type == OPTION_REAL;

    if (row->type == OPTION_NAMES && row->max > 0)
        return memory_format("at most %.0f names", row->max);
    if (!ranged || (isinf(row->min) && isinf(row->max)))
        return NULL;
    char *least = print_bound(row, row->min);
    char *most = print_bound(row, row->max);
    char *range;
    if (isinf(row->max))
        range = memory_format("%s or more", least);
    else if (isinf(row->min))
        range = memory_format("%s or less", most);
    else
        range = memory_format("%s to %s", least, most);
    free(least);
    free(most);
    return range;
}

static char *allowed_number(const struct option_row *row, const char *noun)
{
    char *range = option_range(row);
    char *allowed = range ? memory_format("%s (%s)", noun, range) : memory_text(noun);

    free(range);
    return allowed;
}

static char *allowed_choice(const struct option_row *row)
{
    char *allowed = memory_text("one of");

    for (size_t i = 0; row->choices[i]; i++)
        allowed = memory_extend(allowed, "%s %s", i > 0 ? "," : "", row->choices[i]);
    return allowed;
}

char *option_allowed(const struct option_row *row)
{
    switch (row->type) {
    case OPTION_INT:
        return allowed_number(row, "an integer");
    case OPTION_REAL:
        return allowed_number(row, "a number");
    case OPTION_BOOL:
        return memory_text("a boolean (true, false, 1, 0, yes, no, on, off)");
    case OPTION_TEXT:
        return memory_format("a text of at most %zu bytes without control characters",
                             text_limit(row));
    case OPTION_CHOICE:
        return allowed_choice(row);
    case OPTION_NAMES:
        return memory_text("a list of names, none of them empty");
    }
    abort();
}

void option_complain_wrong(const struct option_target *target, const char *text)
{
    const struct option_row *row = target->row;
    char *allowed = option_allowed(row);

    if (row->secret)
        complain(target->complaints, "%s: %s = " MASK " is not %s", target->place, row->key,
                 allowed);
    else
        complain(target->complaints, "%s: %s = '%s' is not %s", target->place, row->key,
                 escaped(text).text, allowed);
    free(allowed);
}

/* False for nan, too. */
static bool is_within(const struct option_row *row, double value)
{
    return isfinite(value) && value >= row->min && value <= row->max;
}

static void complain_out_of_range(const struct option_target *target, const char *value)
{
    char *range = option_range(target->row);

    complain(target->complaints, "%s: %s = %s is out of range (%s)", target->place,
             target->row->key, target->row->secret ? MASK : value,
             range ? range : "any finite number");
    free(range);
}

bool option_take_integer(const struct option_target *target, int64_t value)
{
    if (target->row->type == OPTION_REAL)
        return option_take_real(target, (double)value);
    if (!is_within(target->row, (double)value)) {
        char *text = memory_format("%" PRId64, value);
        complain_out_of_range(target, text);
        free(text);
        return false;
    }
    *(int64_t *)target->slot = value;
    return true;
}

bool option_take_real(const struct option_target *target, double value)
{
    if (!is_within(target->row, value)) {
        char *text = print_real(value);
        complain_out_of_range(target, text);
        free(text);
        return false;
    }
    *(double *)target->slot = value;
    return true;
}

bool option_take_bool(const struct option_target *target, bool value)
{
    *(bool *)target->slot = value;
    return true;
}

static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f)
            return false;
    }
    return utf8_valid(text, length);
}

bool option_take_string(const struct option_target *target, const char *text)
{
    size_t length = strlen(text);

    if (length > text_limit(target->row) || !is_plain(text, length)) {
        option_complain_wrong(target, text);
        return false;
    }
    option_slot_release(target->row, target->slot);
    *(char **)target->slot = memory_bytes(text, length);
    return true;
}

bool option_take_choice(const struct option_target *target, const char *word)
{
    const char *const *choices = target->row->choices;

    for (int i = 0; choices[i]; i++) {
        if (strcasecmp(choices[i], word) == 0) {
            *(int *)target->slot = i;
            return true;
        }
    }
    option_complain_wrong(target, word);
    return false;
}

/* A comma would part the name in two when the value is typed somewhere else. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= TEXT_MAX && !strchr(name, ',') && is_plain(name, length);
}

static bool are_too_many(const struct option_row *row, const struct names *names)
{
    return row->max > 0 && (double)names->count > row->max;
}

static void complain_too_many(const struct option_target *target, const struct names *names)
{
    char *count = memory_format("%zu names", names->count);

    complain_out_of_range(target, count);
    free(count);
}

bool option_take_names(const struct option_target *target, struct names names)
{
    if (are_too_many(target->row, &names)) {
        complain_too_many(target, &names);
        names_free(&names);
        return false;
    }
    for (size_t i = 0; i < names.count; i++) {
        if (!is_name(names.list[i])) {
            option_complain_wrong(target, names.list[i]);
            names_free(&names);
            return false;
        }
    }
    option_slot_release(target->row, target->slot);
    *(struct names *)target->slot = names;
    return true;
}

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

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
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
        for (; (comma = strchr(text, ',')); text = comma + 1)
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
 * a '/' in it that nobody encoded must not be shown either. */
static const char *find_password(const char *text, size_t *ret_length)
{
    const char *scheme = strstr(text, "://");

    if (!scheme)
        return NULL;
    const char *user = scheme + strlen("://");
    const char *at = strrchr(user, '@');
    const char *colon = strchr(user, ':');
    if (!at || !colon || colon > at)
        return NULL;
    *ret_length = (size_t)(at - colon - 1);
    return colon + 1;
}

bool names_has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0)
            return true;
    return false;
}

char *names_join(const struct names *names, const char *between)
{
    char *text = memory_text("");

    for (size_t i = 0; i < names->count; i++)
        text = memory_extend(text, "%s%s", i > 0 ? between : "", names->list[i]);
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

    if (password && length > 0)
        return memory_format("%.*s" MASK "%s", (int)(password - text), text, password + length);
    bool is_open = is_text && (strstr(text, "://") || *text == '\0');
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
        list = memory_extend(list, "%s%s", first ? "" : ", ", name);
        free(name);
        text += length + (text[length] == ',');
    }
    return memory_extend(list, "]");
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
