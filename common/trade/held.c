/* SPDX-License-Identifier: MIT */
#include "common/trade/held.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/number.h"
#include "common/trade/terms.h"

/* A symbol that would have to be trimmed is another field. */
static bool read_symbol(const char *name, size_t length, char ret_symbol[static SYMBOL_MAX + 1])
{
    if (!terms_is_symbol(name, length))
        return false;
    memcpy(ret_symbol, name, length);
    ret_symbol[length] = '\0';
    return true;
}

static bool read_side(const char *value, size_t length, enum side *ret_side)
{
    static const enum side sides[] = {SIDE_BUY, SIDE_SELL};

    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const char *name = side_name(sides[i]);
        if (strlen(name) == length && memcmp(name, value, length) == 0) {
            *ret_side = sides[i];
            return true;
        }
    }
    return false;
}

bool held_read(const char *name, size_t name_length, const char *value, size_t value_length,
               struct held *ret_held)
{
    const char *blank = memchr(value, ' ', value_length);
    size_t side_length = blank ? (size_t)(blank - value) : value_length;
    struct held held = {.number = 1};

    if (!read_symbol(name, name_length, held.symbol) || !read_side(value, side_length, &held.side))
        return false;
    if (blank && !number_read_integer(blank + 1, value_length - side_length - 1, &held.number))
        return false;
    if (held.number < 1 || held.number > HELD_NUMBER_MAX)
        return false;
    *ret_held = held;
    return true;
}

void held_write(const struct held *held, char ret_value[static HELD_WRITTEN_MAX])
{
    assert(held->number >= 1 && held->number <= HELD_NUMBER_MAX);
    if (held->number == 1)
        (void)snprintf(ret_value, HELD_WRITTEN_MAX, "%s", side_name(held->side));
    else
        (void)snprintf(ret_value, HELD_WRITTEN_MAX, "%s %" PRId64, side_name(held->side),
                       held->number);
}
