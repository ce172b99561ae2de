/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/entry_input.h"

#include <string.h>

#include "tests/fuzz/target.h"

static void add(struct entry *entry, struct entry_field field)
{
    if (entry->count < ENTRY_FIELDS_MAX)
        entry->fields[entry->count] = field;
    entry->count++;
}

static void add_line(struct entry *entry, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    size_t name_length = equals ? (size_t)(equals - line) : length;
    const char *value = equals ? equals + 1 : line + length;

    add(entry, (struct entry_field){line, name_length, value, (size_t)(line + length - value)});
}

bool entry_input_read(const char *text, size_t length, struct entry_input *ret_input)
{
    const char *at = text, *end = text + length;
    const char *stop = memchr(at, '\n', length);

    if (!stop || stop == at || !strchr("pdf", *at))
        return false;
    *ret_input = (struct entry_input){.carries = stop[-1] == 'c'};
    for (at = stop + 1; at < end && *at != '\n'; at = stop < end ? stop + 1 : end) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        add_line(&ret_input->entry, at, (size_t)(stop - at));
    }
    at += at < end;
    if (*text != 'f') {
        const char *name = *text == 'p' ? "payload" : "data";
        add(&ret_input->entry, (struct entry_field){name, strlen(name), at, (size_t)(end - at)});
    }
    return true;
}
