/* SPDX-License-Identifier: MIT */
#include "ctl/capacity/book.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "common/trade/terms.h"

size_t holding_values(const struct holding_rules *rules)
{
    return rules->amounts.count + (*rules->side ? 1 : 0) + (*rules->at ? 1 : 0);
}

static struct value text_of(const struct reply_text *text)
{
    return value_trim(
        (struct value){.kind = VALUE_TEXT, .bytes = text->bytes, .length = text->length});
}

/* What a writer has nothing to say in is not there. */
static bool is_there(const struct reply_text *value)
{
    struct value text;

    if (!value->bytes)
        return false;
    text = text_of(value);
    return !value_is_nothing(&text);
}

static const struct reply_text *amount_of(const struct holding_rules *rules,
                                          const struct reply_text *values)
{
    for (size_t i = 0; i < rules->amounts.count; i++)
        if (is_there(&values[i]))
            return &values[i];
    return NULL;
}

static bool is_one_of(const struct value *text, const char *word, const char *other)
{
    return value_is_word(text, word) || value_is_word(text, other);
}

static enum holding named_side(const struct reply_text *side)
{
    struct value text = text_of(side);

    if (is_one_of(&text, "LONG", "BUY"))
        return HOLDING_BUY;
    return is_one_of(&text, "SHORT", "SELL") ? HOLDING_SELL : HOLDING_BAD_SIDE;
}

/* By its digits: 1e-400 is no 0, though no double is so small. */
static bool is_zero(const struct value *amount)
{
    for (size_t i = 0; i < amount->length && (amount->bytes[i] | ' ') != 'e'; i++)
        if (amount->bytes[i] >= '1' && amount->bytes[i] <= '9')
            return false;
    return true;
}

/* A sign that is written says it. Without one the side does, and where that says nothing the number
 * is a positive one. */
static enum holding side_of(const struct value *amount, const struct reply_text *side)
{
    if (amount->bytes[0] == '-')
        return HOLDING_SELL;
    if (amount->bytes[0] == '+' || !side || !is_there(side))
        return HOLDING_BUY;
    return named_side(side);
}

/* What is ahead by more than it may be old was not said by a clock. */
static enum holding judge_age(const struct holding_rules *rules, const struct reply_text *at,
                              int64_t now_ms)
{
    int64_t at_ms;

    if (!at->bytes || !terms_take_moment(at->bytes, at->length, &at_ms) ||
        at_ms < TERMS_MOMENT_MIN_MS || at_ms - now_ms > rules->stale_ms)
        return HOLDING_BAD_TIME;
    return now_ms - at_ms > rules->stale_ms ? HOLDING_STALE : HOLDING_FLAT;
}

enum holding holding_read(const struct holding_rules *rules, const struct reply_text *values,
                          int64_t now_ms)
{
    const struct reply_text *found = amount_of(rules, values);
    const struct reply_text *side = *rules->side ? &values[rules->amounts.count] : NULL;
    const struct reply_text *at = *rules->at ? &values[holding_values(rules) - 1] : NULL;
    double amount;

    if (!found)
        return HOLDING_NO_AMOUNT;
    struct value text = text_of(found);
    if (!number_read(text.bytes, text.length, &amount))
        return HOLDING_BAD_AMOUNT;
    if (is_zero(&text))
        return HOLDING_FLAT;
    enum holding which = side_of(&text, side);
    if (which == HOLDING_BAD_SIDE || !at)
        return which;
    enum holding trouble = judge_age(rules, at, now_ms);
    return trouble == HOLDING_FLAT ? which : trouble;
}

const char *holding_trouble(enum holding holding)
{
    static const char *const words[] = {
        [HOLDING_FLAT] = "is not held",
        [HOLDING_BUY] = "is held long",
        [HOLDING_SELL] = "is held short",
        [HOLDING_NO_AMOUNT] = "has no amount (--amount)",
        [HOLDING_BAD_AMOUNT] = "has an amount that is no number (--amount)",
        [HOLDING_BAD_SIDE] = "is held on a side that is none of LONG, SHORT, BUY and SELL (--side)",
        [HOLDING_BAD_TIME] = "is held, and its time cannot be read (--at)",
        [HOLDING_STALE] = "is held and stale (--stale-sec)",
    };

    return words[holding];
}

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
    struct held held = {.side = holding == HOLDING_BUY ? SIDE_BUY : SIDE_SELL, .number = 1};

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
    return strcmp(((const struct held *)a)->symbol, ((const struct held *)b)->symbol);
}

/* Keys that differ in case only, or in blanks, are one symbol. The hash has room for one side of
 * it. */
static void merge(struct book *book)
{
    size_t last = 0;

    for (size_t i = 1; i < book->held_count; i++) {
        const struct held *next = &book->held[i];
        if (compare(&book->held[last], next) != 0) {
            book->held[++last] = *next;
            continue;
        }
        if (book->held[last].side != next->side)
            book_spoil(book, "%s is held on both sides", next->symbol);
        book->held[last].number++;
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
        book->count += book->held[i].number;
}

void book_release(struct book *book)
{
    free(book->held);
    free(book->why);
    *book = (struct book){0};
}
