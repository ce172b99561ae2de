/* SPDX-License-Identifier: MIT */
#include "ctl/capacity/book.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/trade/terms.h"

void book_spoil(struct book *book, const char *format, ...)
{
    va_list arguments;

    if (book->why)
        return;
    va_start(arguments, format);
    book->why = memory_format_list(format, arguments);
    va_end(arguments);
}

void book_add(struct book *book, const char *key, const char *name, enum holding holding)
{
    struct book_symbol held = {.side = holding, .positions = 1};

    book->keys++;
    if (holding == HOLDING_FLAT)
        return;
    if (holding != HOLDING_BUY && holding != HOLDING_SELL) {
        book_spoil(book, "%s %s", escaped(key).text, holding_trouble(holding));
        return;
    }
    if (!terms_take_symbol(name, strlen(name), held.symbol)) {
        book_spoil(book, "%s is held, and no symbol: 3 to 32 of A-Z 0-9 _ -", escaped(key).text);
        return;
    }
    if ((book->held_count & (book->held_count - 1)) == 0) /* full: it doubles */
        book->held = memory_resize(book->held, 2 * book->held_count + 1, sizeof *book->held);
    book->held[book->held_count++] = held;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct book_symbol *)a)->symbol, ((const struct book_symbol *)b)->symbol);
}

/* Keys that differ in case only, or in blanks, are one symbol. The hash has room for one side of
 * it. */
static void merge(struct book *book)
{
    size_t last = 0;

    for (size_t i = 1; i < book->held_count; i++) {
        const struct book_symbol *next = &book->held[i];
        if (compare(&book->held[last], next) != 0) {
            book->held[++last] = *next;
            continue;
        }
        if (book->held[last].side != next->side)
            book_spoil(book, "%s is held on both sides", next->symbol);
        book->held[last].positions++;
    }
    book->held_count = book->held_count > 0 ? last + 1 : 0;
}

void book_close(struct book *book, bool none_is_zero)
{
    if (book->keys == 0 && !none_is_zero)
        book_spoil(book, "there is no such key (--none-is-zero: then nothing is held)");
    if (book->held_count > 0)
        qsort(book->held, book->held_count, sizeof *book->held, compare);
    merge(book);
    for (size_t i = 0; i < book->held_count; i++)
        book->count += book->held[i].positions;
}

void book_value(const struct book_symbol *held, char ret_text[static BOOK_VALUE_MAX])
{
    const char *side = held->side == HOLDING_BUY ? "BUY" : "SELL";

    if (held->positions == 1)
        (void)snprintf(ret_text, BOOK_VALUE_MAX, "%s", side);
    else
        (void)snprintf(ret_text, BOOK_VALUE_MAX, "%s %" PRId64, side, held->positions);
}

void book_release(struct book *book)
{
    free(book->held);
    free(book->why);
    *book = (struct book){0};
}
