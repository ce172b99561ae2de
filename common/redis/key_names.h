/* SPDX-License-Identifier: MIT */
/*
 * The names of keys: the common prefix with the usual ending, unless an option names the key in
 * full. A service lists its own as slots over its own options.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"

/* Names stand in log lines. */
#define KEY_MAX 200

/* The prefix where none is given. */
#define KEY_PREFIX_USUAL "quantum:"

/* The row of the prefix, at its place in the values. */
#define KEY_PREFIX_ROW(at)                                                                         \
    {                                                                                              \
        .key = "prefix", .type = OPTION_TEXT, .offset = (at), .max = 64,                           \
        .fallback = KEY_PREFIX_USUAL,                                                              \
        .help = "what every name begins with; may hold a hash tag: quantum:{acct7}:"               \
    }

struct key_slot {
    char **name;
    const char *key;    /* the option */
    const char *ending; /* NULL: has a name of its own */
};

/* Puts the full name where none was given, and refuses an empty one and two that are the same. */
void key_names_check(const char *prefix, const struct key_slot *slots, size_t count,
                     const struct options *options, struct complaints *complaints);
