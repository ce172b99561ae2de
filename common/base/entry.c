/* SPDX-License-Identifier: MIT */
#include "common/base/entry.h"

#include <assert.h>
#include <string.h>

const struct entry_field *entry_find(const struct entry *entry, const char *name)
{
    size_t length = strlen(name);

    assert(entry->count <= ENTRY_FIELDS_MAX);
    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        if (field->name_length == length && memcmp(field->name, name, length) == 0)
            return field;
    }
    return NULL;
}
