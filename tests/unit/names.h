/* SPDX-License-Identifier: MIT */
/*
 * Comparing what has a name by its name: a failure says "outranked" and not 0x1.
 */
#pragma once

#include <stddef.h>

#include "executor/decide/outcome.h"
#include "router/decide/fate.h"
#include "tests/unit/support.h"

#define assert_fate(got, wanted)    assert_string_equal(fate_name(got), fate_name(wanted))
#define assert_outcome(got, wanted) assert_string_equal(outcome_name(got), outcome_name(wanted))

/* `names` are all of the enum `type`, in their order; name_of() is asked for the first `count`. */
#define assert_named(type, names, count, name_of)                                                  \
    do {                                                                                           \
        for (type named = 0; named < (count); named++) {                                           \
            if ((size_t)named >= COUNT(names))                                                     \
                fail_msg("'%s' is new and stands in no list here", name_of(named));                \
            assert_string_equal(name_of(named), (names)[named]);                                   \
        }                                                                                          \
        if (COUNT(names) > (size_t)(count))                                                        \
            fail_msg("'%s' is a name of none any more", (names)[count]);                           \
    } while (0)
