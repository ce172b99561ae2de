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
    names->list = memory_resize(names->list, names->count + 1, sizeof(*names->list));
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

static char *print_bound(const struct option_row *row, double bound)
{
    if (row->type == OPTION_INT)
        return memory_format("%.0f", bound);
    char text[NUMBER_TEXT_MAX];
    number_shortest(bound, text);
    return memory_text(text);
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
    char *allowed = range != NULL ? memory_format("%s (%s)", noun, range) : memory_text(noun);
    free(range);
    return allowed;
}

static char *allowed_choice(const struct option_row *row)
{
    char *allowed = memory_text("one of");
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        char *longer = memory_format("%s%s %s", allowed, i > 0 ? "," : "", row->choices[i]);
        free(allowed);
        allowed = longer;
    }
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
        complain(target->complaints, "%s: %s = ******** is not %s", target->place, row->key,
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
             target->row->key, target->row->secret ? "********" : value,
             range != NULL ? range : "any finite number");
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
        char text[NUMBER_TEXT_MAX];
        number_shortest(value, text);
        complain_out_of_range(target, text);
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
    for (int i = 0; choices[i] != NULL; i++) {
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
    return length > 0 && length <= TEXT_MAX && strchr(name, ',') == NULL && is_plain(name, length);
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
