/* SPDX-License-Identifier: MIT */
#include "ctl/past/archive_prices.h"

#include "common/trade/terms.h"

void archive_prices_read(const struct archive_entry *entry,
                         void (*take)(void *owner, int64_t at_ms, const char *symbol, double price),
                         void *owner)
{
    char symbol[SYMBOL_MAX + 1];
    double price;

    for (size_t i = 0; i < entry->count; i++) {
        const struct entry_field *field = &entry->fields[i];
        if (terms_take_symbol(field->name, field->name_length, symbol) &&
            terms_take_price(field->value, field->value_length, &price))
            take(owner, stream_id_time_ms(entry->id), symbol, price);
    }
}
