/* SPDX-License-Identifier: MIT */
/*
 * What is held and in flight, brought to the candidates: one flag each, which the plan asks for.
 *
 * What is held counts only where it is known: where the hash that says it agrees with the count of
 * open orders. What is in flight counts always, as far as it can be seen. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/held_book.h"
#include "router/decide/policy.h"
#include "router/decide/window.h"

/* Of a candidate's symbol: held or in flight on its own side, on the other one, or on both. */
enum held_flag { HELD_NOT = '-', HELD_SAME = 'h', HELD_OPPOSITE = 'o', HELD_BOTH = 'b' };

#define HOLDINGS_TEXT_MAX 64

/* What can be said of it as a whole. */
struct holdings {
    enum holdings_state state;
    size_t symbols;                   /* that are held; with HOLDINGS_KNOWN */
    int64_t sum;                      /* of the positions; with HOLDINGS_OTHER_SUM */
    char text[HOLDINGS_TEXT_MAX + 1]; /* HOLDINGS_WRONG_TYPE: which; HOLDINGS_MALFORMED: the field
                                       */
};

/* An intent in flight that will open something. */
struct opening {
    char symbol[SYMBOL_MAX + 1];
    enum side side;
};

/* A field of the hash as it stands there. */
struct held_field {
    const char *name, *value;
    size_t name_length, value_length;
};

struct holdings_seen {
    enum holdings_state state; /* what is wrong with the hash as a key; else HOLDINGS_KNOWN */
    const struct held_field *fields;
    size_t field_count;
    const char *type; /* with HOLDINGS_WRONG_TYPE */
    const struct opening *openings;
    size_t opening_count;
};

/* The hash's value of one symbol; empty: it has none. */
struct held_value {
    char text[HELD_VALUE_MAX + 1];
};

/* For each candidate of the window its flag, and what the hash says of its symbol. */
struct holdings holdings_judge(const struct holdings_seen *seen, const struct open_orders *open,
                               const struct window *window, char *ret_flags,
                               struct held_value *ret_values);
