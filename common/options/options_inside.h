/* SPDX-License-Identifier: MIT */
/*
 * What the options_… files share about the table: rows by number and by key. Used by them alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/options/option_value.h"

/* The number of the row with this key, or -1. */
ptrdiff_t options_index(const struct options *options, const char *key);

/* The row's target for a value from `place`. */
struct option_target options_target(const struct options *options, size_t index, const char *place,
                                    struct complaints *complaints);

/* Notes where the value that the row's slot has now came from. */
void options_note(struct options *options, size_t index, enum option_source source,
                  const char *place);

/* Notes that a source's value was refused. */
void options_note_refused(struct options *options, size_t index);

/* Whether the table has keys below this name: "capacity" of "capacity.max_open". */
bool options_has_group(const struct options *options, const char *name);

/* The name of the group that is spelled most alike, for the caller to free; NULL when none is near.
 */
char *options_nearest_group(const struct options *options, const char *name);
