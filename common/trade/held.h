/* SPDX-License-Identifier: MIT */
/*
 * What is held of one symbol, as the execution side writes it down beside the open orders: a field
 * of the hash `state:positions`. Its name is the symbol; its value is the side, and behind a blank
 * how many positions, where it is more than one: "BUY", "SELL 2". The one place that reads it, and
 * that the tools write it by. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/trade/signal.h"

/* More symbols are not looked at: reading them would hold up all others who ask Redis. */
#define HELD_SYMBOLS_MAX 10000

#define HELD_NUMBER_MAX 999999
#define HELD_VALUE_MAX  (sizeof "SELL 999999" - 1)

struct held {
    char symbol[SYMBOL_MAX + 1];
    enum side side;
    int64_t number; /* of positions, 1 to HELD_NUMBER_MAX */
};

/* False: the name is no symbol, or the value is another one. */
bool held_read(const char *name, size_t name_length, const char *value, size_t value_length,
               struct held *ret_held) __attribute__((warn_unused_result));

/* Its value, the shorter one where there are two. */
#define HELD_WRITTEN_MAX 32
void held_write(const struct held *held, char ret_value[static HELD_WRITTEN_MAX]);
