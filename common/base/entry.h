/* SPDX-License-Identifier: MIT */
/*
 * An entry of a stream as it came over the wire: names and values that somebody else owns and that
 * live as long as the reply they stand in. Pure.
 */
#pragma once

#include <stddef.h>

#include "common/base/stream_id.h"

/* Contract: an entry with more is invalid, so nobody needs room for more. */
#define ENTRY_FIELDS_MAX 64

struct entry_field {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

struct entry {
    struct stream_id id;
    size_t count; /* of the fields on the wire; over ENTRY_FIELDS_MAX only those are in `fields` */
    struct entry_field fields[ENTRY_FIELDS_MAX];
};

/* The field of that name, or NULL. */
const struct entry_field *entry_find(const struct entry *entry, const char *name);
