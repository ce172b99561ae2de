/* SPDX-License-Identifier: MIT */
/*
 * An entry written as a text, so that a corpus can be read and a fuzzer can cut it up: a line that
 * begins with p or d (the document stands in payload or data) or f (there is none) and may go on
 * with c (further names are carried); then name=value for each field, an empty line, the document.
 * The entry points into the text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/entry.h"

struct entry_input {
    struct entry entry;
    bool carries;
};

/* False when it does not begin like one. */
bool entry_input_read(const char *text, size_t length, struct entry_input *ret_input);
