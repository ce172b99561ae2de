/* SPDX-License-Identifier: MIT */
#include "ctl/drain/decide/drain_symbols.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/trade/terms.h"

/* By the rule for a signal's symbol. */
bool drain_symbols_take(struct drain_symbols *symbols, const char *bytes, size_t length)
{
    char symbol[SYMBOL_MAX + 1];

    if (symbols->count >= DRAIN_SYMBOLS_MAX || !terms_take_symbol(bytes, length, symbol))
        return false;
    symbols->list = memory_resize(symbols->list, symbols->count + 1, sizeof *symbols->list);
    symbols->list[symbols->count++] = memory_text(symbol);
    return true;
}

void drain_symbols_seal(struct drain_symbols *symbols)
{
    text_set_init(&symbols->set, symbols->count);
    for (size_t i = 0; i < symbols->count; i++)
        (void)text_set_add(&symbols->set, symbols->list[i]);
}

bool drain_symbols_has(const struct drain_symbols *symbols, const char *symbol)
{
    return text_set_has(&symbols->set, symbol);
}

void drain_symbols_free(struct drain_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        free(symbols->list[i]);
    free(symbols->list);
    text_set_deinit(&symbols->set);
    *symbols = (struct drain_symbols){0};
}
