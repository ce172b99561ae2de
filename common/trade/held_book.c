/* SPDX-License-Identifier: MIT */
#include "common/trade/held_book.h"

bool held_book_add(struct held_book *book, const char *name, size_t name_length, const char *value,
                   size_t value_length, struct held *ret_held)
{
    if (!held_read(name, name_length, value, value_length, ret_held)) {
        book->state = HOLDINGS_MALFORMED;
        return false;
    }
    book->symbols++;
    book->sum += ret_held->number;
    return true;
}

enum holdings_state held_book_judge(const struct held_book *book, bool is_counted,
                                    int64_t open_orders)
{
    if (!is_counted)
        return HOLDINGS_NO_COUNT;
    if (book->state == HOLDINGS_MISSING && open_orders == 0)
        return HOLDINGS_KNOWN;
    if (book->state != HOLDINGS_KNOWN)
        return book->state;
    return book->sum == open_orders ? HOLDINGS_KNOWN : HOLDINGS_OTHER_SUM;
}
