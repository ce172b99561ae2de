/* SPDX-License-Identifier: MIT */
#include "router/settings/decisive.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

static void add_row(const struct option_row *row, const void *slot, char **text)
{
    char *value = option_text(row, slot);

    *text = memory_extend(*text, "%s = %s\n", row->key, value);
    free(value);
}

static void add_group(const struct option_group *group, const struct router_settings *settings,
                      char **text)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct option_row *row = &group->rows[i];
        if (row->decides)
            add_row(row, (const char *)settings + group->base + row->offset, text);
    }
}

void decisive_make(const struct router_settings *settings, struct decisive *ret_decisive)
{
    char *text = memory_text("");

    for (size_t i = 0; i < router_options.count; i++)
        add_group(&router_options.groups[i], settings, &text);
    ret_decisive->text = text;
    sha256_text(text, strlen(text), ret_decisive->digest);
}

void decisive_release(struct decisive *decisive)
{
    free(decisive->text);
    *decisive = (struct decisive){0};
}
