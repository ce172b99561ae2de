/* SPDX-License-Identifier: MIT */
#include "ctl/what_if/variants.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/options/options_file.h"

/* Above this, with so many places, steps are not exact for sure. */
#define SWEEP_MOST 1e9
enum { PLACES_MAX = 6 };

bool variants_are_asked(const struct what_if_values *values)
{
    return values->set.count > 0 || *values->with || *values->sweep;
}

/* --- changes */

static bool is_decisive(const struct options *options, const char *key)
{
    const struct option_origin *origin;
    ptrdiff_t index = options_index(options, key);

    return index >= 0 && options_row(options, (size_t)index, &origin)->decides;
}

/* Whether it is an option that may be changed. */
static bool check_key(const struct variants *variants, const char *flag, const char *key,
                      struct complaints *complaints)
{
    const struct options *options = &variants->options;
    const char *near = options_nearest(options, key);
    const char *problem = variant_key_problem(key, variants->has_raw);

    if (!options_has(options, key) && near)
        complain(complaints, "%s: %s is no option; did you mean %s?", flag, escaped(key).text,
                 near);
    else if (!options_has(options, key))
        complain(complaints, "%s: %s is no option", flag, escaped(key).text);
    else if (!is_decisive(options, key))
        complain(complaints, "%s: %s decides nothing that records hold", flag, key);
    else if (problem)
        complain(complaints, "%s: %s: %s", flag, key, problem);
    else
        return true;
    return false;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            return false;
    return true;
}

/* Each value is tried on its own; what contradicts another is seen with the settings of the time.
 */
static void check_change(struct variants *variants, const char *flag, const char *change,
                         struct complaints *complaints)
{
    size_t length = strcspn(change, "=");
    char *key = memory_bytes(change, length);

    if (!change[length] || !is_plain(change))
        complain(complaints, "%s=%s is no OPTION=VALUE", flag, escaped(change).text);
    else if (check_key(variants, flag, key, complaints))
        (void)options_read_text(&variants->options, key, FROM_FLAG, flag, change + length + 1,
                                complaints);
    free(key);
}

/* A comma parts changes, and the names of a list: what is no change of its own goes on the last. */
static void add_change(struct names *changes, const char *text)
{
    if (strchr(text, '=') || changes->count == 0) {
        names_add(changes, text, strlen(text));
        return;
    }
    char **last = &changes->list[changes->count - 1];
    *last = memory_extend(*last, ",%s", text);
}

static bool has_key(const struct names *changes, const char *change)
{
    size_t length = strcspn(change, "=");

    for (size_t i = 0; i < changes->count; i++)
        if (strcspn(changes->list[i], "=") == length &&
            memcmp(changes->list[i], change, length) == 0)
            return true;
    return false;
}

static void read_changes(struct names *changes, const struct names *set,
                         struct complaints *complaints)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strchr(set->list[i], '=') && has_key(changes, set->list[i]))
            complain(complaints, "--set has %.*s twice", (int)strcspn(set->list[i], "="),
                     escaped(set->list[i]).text);
        add_change(changes, set->list[i]);
    }
}

static struct variant *add_variant(struct variants *variants, const struct names *changes)
{
    struct variant *variant = &variants->list[variants->count++];

    for (size_t i = 0; i < changes->count; i++)
        names_add(&variant->changes, changes->list[i], strlen(changes->list[i]));
    return variant;
}

/* --- a sweep */

struct sweep {
    char *key; /* owned */
    double from, to, step;
    int places; /* that its numbers are written with */
};

/* Written out, so that its steps are written out alike: digits, and at most a point among them. */
static bool read_end(const char *text, size_t length, double *ret_end, int *places)
{
    const char *point = memchr(text, '.', length);
    int own = point ? (int)(text + length - point) - 1 : 0;

    if (memchr(text, 'e', length) || memchr(text, 'E', length) ||
        !number_read(text, length, ret_end) || fabs(*ret_end) > SWEEP_MOST || own > PLACES_MAX)
        return false;
    *places = own > *places ? own : *places;
    return true;
}

/* "OPTION=A..B:STEP"; between whole numbers it may be left out, and is 1. */
static bool read_sweep(const char *text, struct sweep *ret_sweep)
{
    const char *value = strchr(text, '=');
    const char *dots = value ? strstr(value, "..") : NULL;
    const char *colon = dots ? strchr(dots, ':') : NULL;
    struct sweep sweep = {.step = 1};

    if (!dots || !is_plain(text))
        return false;
    size_t end = colon ? (size_t)(colon - dots - 2) : strlen(dots + 2);
    if (!read_end(value + 1, (size_t)(dots - value - 1), &sweep.from, &sweep.places) ||
        !read_end(dots + 2, end, &sweep.to, &sweep.places) || sweep.to < sweep.from ||
        (!colon && sweep.places > 0) ||
        (colon && !read_end(colon + 1, strlen(colon + 1), &sweep.step, &sweep.places)) ||
        !(sweep.step > 0))
        return false;
    sweep.key = memory_bytes(text, (size_t)(value - text));
    *ret_sweep = sweep;
    return true;
}

static double count_of(const struct sweep *sweep)
{
    return 1 + floor((sweep->to - sweep->from) / sweep->step + 1e-6);
}

static void add_swept(struct variants *variants, const struct sweep *sweep,
                      const struct names *changes, struct complaints *complaints)
{
    for (int i = 0; i < (int)count_of(sweep); i++) {
        struct variant *variant = add_variant(variants, changes);
        double value = sweep->from + i * sweep->step;
        if (fabs(value) < sweep->step / 2)
            value = 0;
        variant->name = memory_format("%s=%.*f", sweep->key, sweep->places, value);
        names_add(&variant->changes, variant->name, strlen(variant->name));
        if (complaints->count == 0)
            check_change(variants, "--sweep", variant->name, complaints);
    }
}

static void sweep_over(struct variants *variants, const char *text, const struct names *changes,
                       struct complaints *complaints)
{
    struct sweep sweep;

    if (!read_sweep(text, &sweep)) {
        complain(complaints,
                 "--sweep=%s is no OPTION=A..B of whole numbers and no OPTION=A..B:STEP, with A "
                 "not above B and a step above 0",
                 escaped(text).text);
        return;
    }
    if (count_of(&sweep) > WHAT_IF_VARIANTS_MAX)
        complain(complaints, "--sweep=%s has %.0f variants, and may have %d", escaped(text).text,
                 count_of(&sweep), WHAT_IF_VARIANTS_MAX);
    else if (has_key(changes, text))
        complain(complaints, "--sweep and --set both change %s", escaped(sweep.key).text);
    else
        add_swept(variants, &sweep, changes, complaints);
    free(sweep.key);
}

/* --- all */

static void read_file(struct variants *variants, const char *file, struct complaints *complaints)
{
    struct variant *variant = add_variant(variants, &(struct names){0});

    variant->name = memory_text(file);
    variant->whole = &variants->settings;
    options_read_file(&variants->options, file, complaints);
    router_settings_check(&variants->options, complaints);
}

static void read_set(struct variants *variants, const struct what_if_values *values,
                     struct complaints *complaints)
{
    struct names changes = {0};

    read_changes(&changes, &values->set, complaints);
    for (size_t i = 0; i < changes.count; i++)
        check_change(variants, "--set", changes.list[i], complaints);
    if (*values->sweep)
        sweep_over(variants, values->sweep, &changes, complaints);
    else
        add_variant(variants, &changes)->name = names_join(&changes, " ");
    names_free(&changes);
}

void variants_read(struct variants *variants, const struct what_if_values *values,
                   struct complaints *complaints)
{
    *variants = (struct variants){.has_raw = *values->archive};
    options_init(&variants->options, &router_options, &variants->settings);
    if (!*values->with)
        read_set(variants, values, complaints);
    else if (values->set.count > 0 || *values->sweep)
        complain(complaints, "--with is a whole policy, which %s does not change; choose one",
                 *values->sweep ? "--sweep" : "--set");
    else
        read_file(variants, values->with, complaints);
}

/* 64 of them and two settings are too much for a stack. */
void variants_check(const struct what_if_values *values, struct complaints *complaints)
{
    if (!variants_are_asked(values))
        return;
    struct variants *variants = memory_new(sizeof *variants);
    variants_read(variants, values, complaints);
    variants_release(variants);
    free(variants);
}

void variants_release(struct variants *variants)
{
    for (size_t i = 0; i < variants->count; i++)
        variant_release(&variants->list[i]);
    router_settings_release(&variants->settings);
    options_release(&variants->options);
}

bool variants_make(struct variants *variants, const struct router_settings *live,
                   char ret_why[static VARIANT_WHY_MAX])
{
    for (size_t i = 0; i < variants->count; i++)
        if (!variant_make(&variants->list[i], live, variants->has_raw, ret_why))
            return false;
    return true;
}

bool variants_are_approximate(const struct variants *variants)
{
    for (size_t i = 0; i < variants->count; i++)
        if (variants->list[i].is_approximate)
            return true;
    return false;
}
