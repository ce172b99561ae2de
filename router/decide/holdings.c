/* SPDX-License-Identifier: MIT */
#include "router/decide/holdings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/text_set.h"

/* The window's symbols, and what is so of each; what is held of others is counted only. */
struct table {
    struct text_set symbols;
    struct entry_of {
        unsigned held, in_flight; /* bits of sides */
        struct held_value value;
    } * of; /* by the symbol's slot */
};

static unsigned bit(enum side side)
{
    return 1U << side;
}

static struct entry_of *find(const struct table *table, const char *symbol)
{
    size_t slot = text_set_slot(&table->symbols, symbol);

    return slot == TEXT_SET_NONE ? NULL : &table->of[slot];
}

static void table_init(struct table *table, const struct window *window)
{
    text_set_init(&table->symbols, window->count);
    for (size_t i = 0; i < window->count; i++)
        (void)text_set_add(&table->symbols, window->candidates[i].signal->symbol);
    table->of = memory_array(table->symbols.mask + 1, sizeof *table->of);
}

static void table_deinit(struct table *table)
{
    text_set_deinit(&table->symbols);
    free(table->of);
}

/* --- the hash */

static void note_field(struct holdings *holdings, const struct held_field *field)
{
    int name_length =
        (int)(field->name_length < HOLDINGS_TEXT_MAX ? field->name_length : HOLDINGS_TEXT_MAX);
    int value_length =
        (int)(field->value_length < HOLDINGS_TEXT_MAX ? field->value_length : HOLDINGS_TEXT_MAX);

    (void)snprintf(holdings->text, sizeof holdings->text, "%.*s %.*s", name_length, field->name,
                   value_length, field->value);
}

static void note_held(const struct table *table, const struct held *held,
                      const struct held_field *field)
{
    struct entry_of *entry = find(table, held->symbol);

    if (!entry)
        return;
    entry->held = bit(held->side);
    memcpy(entry->value.text, field->value, field->value_length);
}

static bool read_hash(const struct table *table, const struct holdings_seen *seen,
                      struct held_book *book, struct holdings *holdings)
{
    struct held held;

    for (size_t i = 0; i < seen->field_count; i++) {
        const struct held_field *field = &seen->fields[i];
        if (!held_book_add(book, field->name, field->name_length, field->value, field->value_length,
                           &held)) {
            note_field(holdings, field);
            return false;
        }
        note_held(table, &held, field);
    }
    return true;
}

static void judge_hash(const struct table *table, const struct holdings_seen *seen,
                       const struct open_orders *open, struct holdings *holdings)
{
    struct held_book book = {.state = seen->state};

    if (seen->state == HOLDINGS_WRONG_TYPE)
        (void)snprintf(holdings->text, sizeof holdings->text, "%s", seen->type);
    if (seen->state == HOLDINGS_KNOWN)
        (void)read_hash(table, seen, &book, holdings);
    holdings->state = held_book_judge(&book, open->kind == OPEN_ORDERS_KNOWN, open->count);
    holdings->symbols = book.symbols;
    holdings->sum = book.sum;
}

/* --- the candidates */

static char flag_of(unsigned sides, enum side own)
{
    bool same = sides & bit(own);
    bool opposite = sides & ~bit(own);

    if (same && opposite)
        return HELD_BOTH;
    if (same)
        return HELD_SAME;
    return opposite ? HELD_OPPOSITE : HELD_NOT;
}

static void flag_all(const struct table *table, const struct window *window, bool is_known,
                     char *ret_flags, struct held_value *ret_values)
{
    for (size_t i = 0; i < window->count; i++) {
        const struct signal *signal = window->candidates[i].signal;
        const struct entry_of *entry = find(table, signal->symbol);
        ret_flags[i] = flag_of(entry->in_flight | (is_known ? entry->held : 0), signal->side);
        ret_values[i] = entry->value;
    }
}

struct holdings holdings_judge(const struct holdings_seen *seen, const struct open_orders *open,
                               const struct window *window, char *ret_flags,
                               struct held_value *ret_values)
{
    struct holdings holdings = {0};
    struct table table;

    table_init(&table, window);
    judge_hash(&table, seen, open, &holdings);
    for (size_t i = 0; i < seen->opening_count; i++) {
        struct entry_of *entry = find(&table, seen->openings[i].symbol);
        if (entry)
            entry->in_flight |= bit(seen->openings[i].side);
    }
    flag_all(&table, window, holdings.state == HOLDINGS_KNOWN, ret_flags, ret_values);
    table_deinit(&table);
    return holdings;
}
