/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/price_book.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

void price_book_init(struct price_book *book)
{
    *book = (struct price_book){
        .symbols = memory_array(PRICE_SYMBOLS_MAX, sizeof *book->symbols),
    };
    text_set_init(&book->names, PRICE_SYMBOLS_MAX);
    book->numbers = memory_array(book->names.mask + 1, sizeof *book->numbers);
}

void price_book_deinit(struct price_book *book)
{
    text_set_deinit(&book->names);
    free(book->numbers);
    free(book->symbols);
}

size_t price_book_symbol(struct price_book *book, const char *name)
{
    size_t slot = text_set_slot(&book->names, name);

    if (slot != TEXT_SET_NONE)
        return book->numbers[slot];
    if (book->count == PRICE_SYMBOLS_MAX || strlen(name) > SYMBOL_MAX)
        return PRICE_SYMBOL_NONE;
    struct price_symbol *symbol = &book->symbols[book->count];
    memcpy(symbol->name, name, strlen(name) + 1);
    (void)text_set_add(&book->names, symbol->name);
    book->numbers[text_set_slot(&book->names, symbol->name)] = book->count;
    return book->count++;
}

const char *price_book_name(const struct price_book *book, size_t symbol)
{
    return symbol == PRICE_SYMBOL_NONE ? "others" : book->symbols[symbol].name;
}

void price_book_note(struct price_book *book, size_t symbol, int64_t at_ms, double price)
{
    if (symbol == PRICE_SYMBOL_NONE)
        return;
    struct price_symbol *place = &book->symbols[symbol];
    place->kept[place->next] = (struct price_moment){at_ms, price};
    place->next = (place->next + 1) % PRICES_KEPT;
    if (place->count < PRICES_KEPT)
        place->count++;
}

bool price_book_at(const struct price_book *book, size_t symbol, int64_t at_ms, double *ret_price)
{
    if (symbol == PRICE_SYMBOL_NONE)
        return false;
    const struct price_symbol *place = &book->symbols[symbol];
    for (size_t back = 1; back <= place->count; back++) {
        const struct price_moment *moment =
            &place->kept[(place->next + PRICES_KEPT - back) % PRICES_KEPT];
        if (moment->at_ms > at_ms)
            continue;
        if (at_ms - moment->at_ms > PRICE_AGE_MS_MAX)
            return false;
        *ret_price = moment->price;
        return true;
    }
    return false;
}
