/* SPDX-License-Identifier: MIT */
/*
 * The names of keys: the common prefix with the usual ending, unless an option names the key in
 * full. A service lists its own as a group of its options.
 */
#pragma once

#include <stddef.h>

#include "common/options/options.h"
#include "common/redis/guides.h"

/* Names stand in log lines. */
#define KEY_MAX 200

/* The prefix where none is given. */
#define KEY_PREFIX_USUAL "quantum:"

/* The row of the prefix, at its place in the values; the first of its group. */
#define KEY_PREFIX_ROW(at)                                                                         \
    {                                                                                              \
        .key = "prefix", .type = OPTION_TEXT, .offset = (at), .max = 64,                           \
        .fallback = KEY_PREFIX_USUAL,                                                              \
        .help = "what every name begins with; may hold a hash tag: quantum:{acct7}:"               \
    }

/* The row of a name that, left empty, is the prefix with this ending; key_names_check() takes the
 * ending from the help, which tells it. */
#define KEY_ENDING "; empty: <prefix>"
#define KEY_ROW(name, at, ending, what)                                                            \
    {                                                                                              \
        .key = "keys." name, .type = OPTION_TEXT, .offset = (at), .max = KEY_MAX, .fallback = "",  \
        .help = what KEY_ENDING ending                                                             \
    }

/* Of a group that begins with the prefix: puts the full name where none was given, and refuses an
 * empty one that has no such ending, and two that are the same. */
void key_names_check(const struct option_group *group, const struct options *options,
                     struct complaints *complaints);

/* Where nodes of a Cluster are the guides: refuses names that do not lie in one slot, and says by
 * which key the guides are asked. */
void key_names_check_slot(const struct option_group *group, const struct options *options,
                          struct guides *guides, struct complaints *complaints);

/* NULL, or why this name, which something else than the group has, cannot be used there; the caller
 * frees it. */
char *key_slot_complaint(const struct guides *guides, const char *name);
