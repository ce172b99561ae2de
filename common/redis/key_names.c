/* SPDX-License-Identifier: MIT */
#include "common/redis/key_names.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/redis/slot.h"

static char **name_of(const struct options *options, const struct option_group *group,
                      const struct option_row *row)
{
    return (char **)((char *)options->values + group->base + row->offset);
}

/* NULL: it has a name of its own. */
static const char *ending_of(const struct option_row *row)
{
    const char *at = strstr(row->help, KEY_ENDING);

    return at ? at + sizeof KEY_ENDING - 1 : NULL;
}

/* The text stays the options' own, which free it. */
static void fill_in(char **name, const char *prefix, const char *ending)
{
    if (**name || !ending)
        return;
    free(*name);
    *name = memory_format("%s%s", prefix, ending);
}

static void check_distinct(const struct option_group *group, size_t at,
                           const struct options *options, struct complaints *complaints)
{
    const struct option_row *row = &group->rows[at];

    for (size_t i = 1; i < at && ending_of(row); i++) {
        const struct option_row *other = &group->rows[i];
        if (ending_of(other) &&
            strcmp(*name_of(options, group, row), *name_of(options, group, other)) == 0)
            options_complain_between(options, OPTION_KEYS(row->key, other->key, "prefix"),
                                     complaints, "names the same key as %s; each needs its own",
                                     other->key);
    }
}

void key_names_check(const struct option_group *group, const struct options *options,
                     struct complaints *complaints)
{
    const char *prefix = *name_of(options, group, &group->rows[0]);

    for (size_t i = 1; i < group->count; i++) {
        const struct option_row *row = &group->rows[i];
        char **name = name_of(options, group, row);
        if (!**name && !ending_of(row))
            options_complain(options, row->key, complaints, "must not be empty");
        fill_in(name, prefix, ending_of(row));
    }
    for (size_t i = 1; i < group->count; i++)
        check_distinct(group, i, options, complaints);
}

char *key_slot_complaint(const struct guides *guides, const char *name)
{
    if (guides->kind != GUIDES_NODES || !guides->key)
        return NULL;
    int own = slot_of(name), home = slot_of(guides->key);
    if (!slot_is_tagged(name))
        return memory_format("'%s' has no hash tag, and in a Cluster all keys must lie in the slot "
                             "of '%s'",
                             escaped(name).text, escaped(guides->key).text);
    if (own != home)
        return memory_format("'%s' lies in slot %d and '%s' in slot %d; in a Cluster all keys must "
                             "lie in one, by one hash tag {…}",
                             escaped(name).text, own, escaped(guides->key).text, home);
    return NULL;
}

/* Whether a name comes from the prefix. */
static bool uses_prefix(const struct option_group *group, const struct options *options)
{
    for (size_t i = 1; i < group->count; i++)
        if (ending_of(&group->rows[i]) && !options_is_set(options, group->rows[i].key))
            return true;
    return false;
}

/* The first one in the prefix's slot; without a hash tag in the prefix the first of all. */
static const struct option_row *home_key(const struct option_group *group,
                                         const struct options *options)
{
    const char *prefix = *name_of(options, group, &group->rows[0]);
    const struct option_row *first = NULL;

    for (size_t i = group->count - 1; i > 0; i--) {
        const struct option_row *row = &group->rows[i];
        if (ending_of(row) && (!first || !slot_is_tagged(prefix) ||
                               slot_of(*name_of(options, group, row)) == slot_of(prefix)))
            first = row;
    }
    return first;
}

void key_names_check_slot(const struct option_group *group, const struct options *options,
                          struct guides *guides, struct complaints *complaints)
{
    const char *prefix = *name_of(options, group, &group->rows[0]);
    const struct option_row *home = home_key(group, options);

    if (guides->kind != GUIDES_NODES)
        return;
    guides->key = *name_of(options, group, home);
    if (uses_prefix(group, options) && !slot_is_tagged(prefix)) {
        options_complain_between(options, OPTION_KEYS("prefix", "redis.nodes"), complaints,
                                 "has no hash tag, and in a Cluster all keys must lie in one slot; "
                                 "write prefix = \"%s{NAME}:\"",
                                 escaped(prefix).text);
        return;
    }
    for (size_t i = 1; i < group->count; i++) {
        const struct option_row *row = &group->rows[i];
        const char *name = *name_of(options, group, row);
        char *complaint = ending_of(row) ? key_slot_complaint(guides, name) : NULL;
        if (complaint)
            options_complain_between(options, OPTION_KEYS(row->key, home->key, "redis.nodes"),
                                     complaints, "%s (%s)", complaint, home->key);
        free(complaint);
    }
}
