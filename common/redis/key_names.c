/* SPDX-License-Identifier: MIT */
#include "common/redis/key_names.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

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
