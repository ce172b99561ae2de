/* SPDX-License-Identifier: MIT */
#include "ctl/archive/recent_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/trade/terms.h"

/* Where it stands, or where it may stand. */
static struct recent_symbol *place_of(struct recent_symbols *symbols, const char *name)
{
    struct recent_symbol *oldest = symbols->list;

    for (size_t i = 0; i < symbols->count; i++) {
        struct recent_symbol *symbol = &symbols->list[i];
        if (strcmp(symbol->name, name) == 0)
            return symbol;
        if (symbol->seen_ms < oldest->seen_ms)
            oldest = symbol;
    }
    return symbols->count < RECENT_SYMBOLS_MAX ? &symbols->list[symbols->count++] : oldest;
}

/* The second word of a row. */
static void note_row(struct recent_symbols *symbols, const char *row, size_t length, int64_t now_ms)
{
    const char *blank = memchr(row, ' ', length);
    const char *word = blank ? blank + 1 : row + length;
    const char *end = memchr(word, ' ', (size_t)(row + length - word));
    char name[SYMBOL_MAX + 1];

    if (!end || !terms_take_symbol(word, (size_t)(end - word), name))
        return;
    struct recent_symbol *place = place_of(symbols, name);
    memcpy(place->name, name, sizeof name);
    place->seen_ms = now_ms;
}

void recent_symbols_note(struct recent_symbols *symbols, const char *rows, size_t length,
                         int64_t now_ms)
{
    const char *end = rows + length;

    if (!symbols->list)
        symbols->list = memory_array(RECENT_SYMBOLS_MAX, sizeof *symbols->list);
    while (rows < end) {
        const char *newline = memchr(rows, '\n', (size_t)(end - rows));
        const char *behind = newline ? newline : end;
        note_row(symbols, rows, (size_t)(behind - rows), now_ms);
        rows = newline ? newline + 1 : end;
    }
}

void recent_symbols_age(struct recent_symbols *symbols, int64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < symbols->count; i++)
        if (now_ms - symbols->list[i].seen_ms < RECENT_SYMBOL_MS)
            symbols->list[kept++] = symbols->list[i];
    symbols->count = kept;
}

void recent_symbols_release(struct recent_symbols *symbols)
{
    free(symbols->list);
    *symbols = (struct recent_symbols){0};
}
