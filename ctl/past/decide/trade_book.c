/* SPDX-License-Identifier: MIT */
#include "ctl/past/decide/trade_book.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/trade/terms.h"

#define BPS  1e4
#define CENT 0.01 /* no size is smaller */

void trade_book_init(struct trade_book *book, struct price_book *symbols)
{
    *book = (struct trade_book){.symbols = symbols};
}

void trade_book_release(struct trade_book *book)
{
    free(book->trades);
    free(book->closings);
    free(book->answers);
    id_map_release(&book->by_intent);
    id_map_release(&book->by_decision);
}

/* Room for one more. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? 2 * *room : 64;
    return memory_resize(list, *room, size);
}

bool trade_read(const struct recorded *recorded, size_t row, size_t symbol, struct trade *ret_trade)
{
    const struct signal *signal = recorded->window.candidates[row].signal;

    *ret_trade = (struct trade){
        .decision = text_hash(signal->decision_id),
        .at_ms = recorded->snapshot.now_ms,
        .symbol = symbol,
        .side = signal->side,
        .rank = recorded->verdicts[row].rank,
        .confidence = signal->confidence,
        .base_usd = signal->position_size_usd,
    };
    return recorded_intent(recorded, ret_trade->rank, &ret_trade->intent);
}

size_t trade_book_publish(struct trade_book *book, const struct trade *trade)
{
    if (!id_map_add(&book->by_intent, trade->intent, book->count))
        return SIZE_MAX;
    (void)id_map_add(&book->by_decision, (struct stream_id){trade->decision, 0}, book->count);
    book->trades = grow(book->trades, book->count, &book->room, sizeof *book->trades);
    book->trades[book->count] = *trade;
    return book->count++;
}

/* --- a result, field by field */

static bool is_text(const struct entry_field *field, const char *text)
{
    return field && field->value_length == strlen(text) &&
           memcmp(field->value, text, field->value_length) == 0;
}

/* One that says something. */
static const struct entry_field *told(const struct entry *entry, const char *name)
{
    const struct entry_field *field = entry_find(entry, name);

    return field && field->value_length > 0 ? field : NULL;
}

static bool profit_of(const struct entry *entry, double *ret_profit_usd)
{
    const struct entry_field *field = entry_find(entry, "profit_usd");

    return field && terms_take_amount(field->value, field->value_length, ret_profit_usd);
}

static struct stream_id id_of(const struct entry *entry, const char *name)
{
    const struct entry_field *field = entry_find(entry, name);
    struct stream_id id = {0};

    if (field)
        (void)stream_id_read(field->value, field->value_length, &id);
    return id;
}

static bool is_id(struct stream_id id)
{
    return id.ms > 0 || id.sequence > 0;
}

/* In seconds, or as an older version wrote it, in ISO 8601; else when it was written. */
static int64_t moment_of(const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "ts");
    int64_t ms;

    return field && terms_take_moment(field->value, field->value_length, &ms)
               ? ms
               : stream_id_time_ms(entry->id);
}

static size_t symbol_of(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "symbol");
    char name[SYMBOL_MAX + 1];

    return field && terms_take_symbol(field->value, field->value_length, name)
               ? price_book_symbol(book->symbols, name)
               : PRICE_SYMBOL_NONE;
}

static int side_of(const struct entry *entry)
{
    const struct entry_field *field = entry_find(entry, "side");

    return is_text(field, side_name(SIDE_BUY))    ? SIDE_BUY
           : is_text(field, side_name(SIDE_SELL)) ? SIDE_SELL
                                                  : -1;
}

static uint64_t hash_of(const struct entry *entry, const char *name)
{
    const struct entry_field *field = told(entry, name);
    uint64_t hash = 0;

    if (field) {
        char *text = memory_bytes(field->value, field->value_length);
        hash = text_hash(text);
        free(text);
    }
    return hash;
}

/* Of the position; 0: nobody says. False: it says one that cannot be, which is not made up for. */
static bool size_of(const struct entry *entry, double *ret_size_usd)
{
    const struct entry_field *field = told(entry, "position_size_usd");

    *ret_size_usd = 0;
    field = field ? field : told(entry, "size_usd");
    return !field || terms_take_amount(field->value, field->value_length, ret_size_usd);
}

/* --- what it tells */

static bool is_possible(double profit_usd, double size_usd)
{
    return size_usd == 0 || fabs(profit_usd) <= SIZES_MADE_MAX * size_usd;
}

static void note_closing(struct trade_book *book, const struct entry *entry)
{
    struct closing closing = {
        .entry = entry->id,
        .at_ms = moment_of(entry),
        .order = id_of(entry, "order_id"),
        .opened_by = hash_of(entry, "opened_by"),
        .symbol = symbol_of(book, entry),
        .side = side_of(entry),
    };
    bool has_size = size_of(entry, &closing.size_usd);

    closing.has_profit = profit_of(entry, &closing.profit_usd) && has_size &&
                         is_possible(closing.profit_usd, closing.size_usd);
    book->closings =
        grow(book->closings, book->closing_count, &book->closing_room, sizeof *book->closings);
    book->closings[book->closing_count++] = closing;
}

static void note_answer(struct trade_book *book, const struct entry *entry, size_t reason)
{
    const struct answer_of_intent answer = {id_of(entry, "intent_id"), reason};

    book->answers =
        grow(book->answers, book->answer_count, &book->answer_room, sizeof *book->answers);
    book->answers[book->answer_count++] = answer;
}

/* The last row is then that of all that have none of their own. */
static size_t other_reason(struct trade_book *book)
{
    struct reason_count *others = &book->reasons[REASONS_MAX - 1];

    (void)snprintf(others->words, sizeof others->words, "others");
    return REASONS_MAX - 1;
}

/* Its place among the reasons. */
static size_t reason_of(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *status = entry_find(entry, "status");
    const struct entry_field *reason = entry_find(entry, "reason");
    struct reason_count row = {0};
    size_t i = 0;

    (void)snprintf(row.words, sizeof row.words, "%.*s%s%.*s", (int)status->value_length,
                   status->value, reason && reason->value_length > 0 ? " " : "",
                   reason ? (int)reason->value_length : 0, reason ? reason->value : "");
    while (i < book->reason_count && strcmp(book->reasons[i].words, row.words) != 0)
        i++;
    if (i == REASONS_MAX)
        return other_reason(book);
    if (i == book->reason_count)
        book->reasons[book->reason_count++] = row;
    return i;
}

void trade_book_result(struct trade_book *book, const struct entry *entry)
{
    const struct entry_field *status = entry_find(entry, "status");

    if (!status)
        return;
    if (is_text(status, "closed"))
        note_closing(book, entry);
    else
        note_answer(book, entry,
                    is_text(status, "filled") ? REASON_FILLED : reason_of(book, entry));
}

/* --- brought together */

static struct trade *find_intent(const struct trade_book *book, struct stream_id intent)
{
    size_t place;

    return id_map_find(&book->by_intent, intent, &place) ? &book->trades[place] : NULL;
}

static void take_fill(struct trade_book *book, const struct answer_of_intent *answer)
{
    struct trade *trade = find_intent(book, answer->intent);

    if (trade)
        trade->end = TRADE_OPEN;
}

/* What was filled, before or later, was not refused, and what was refused was so once. */
static void take_refusal(struct trade_book *book, const struct answer_of_intent *answer)
{
    struct trade *trade = find_intent(book, answer->intent);

    if (trade && trade->end != TRADE_WAITS)
        return;
    book->reasons[answer->reason].count++;
    if (trade)
        trade->end = TRADE_REFUSED;
}

/* Those that no intent had in the end. */
static void leave_out_reasons(struct trade_book *book)
{
    size_t kept = 0;

    for (size_t i = 0; i < book->reason_count; i++)
        if (book->reasons[i].count > 0)
            book->reasons[kept++] = book->reasons[i];
    book->reason_count = kept;
}

static void take_answers(struct trade_book *book)
{
    for (size_t i = 0; i < book->answer_count; i++)
        if (book->answers[i].reason == REASON_FILLED)
            take_fill(book, &book->answers[i]);
    for (size_t i = 0; i < book->answer_count; i++)
        if (book->answers[i].reason != REASON_FILLED)
            take_refusal(book, &book->answers[i]);
    leave_out_reasons(book);
}

/* By its decision, where nobody says which order it was. */
static struct trade *find_decision(struct trade_book *book, uint64_t decision)
{
    size_t place;

    return decision != 0 && id_map_find(&book->by_decision, (struct stream_id){decision, 0}, &place)
               ? &book->trades[place]
               : NULL;
}

static void take_closing(struct trade_book *book, struct closing *closing)
{
    struct trade *trade = is_id(closing->order) ? find_intent(book, closing->order)
                                                : find_decision(book, closing->opened_by);

    if (!trade || trade->end == TRADE_CLOSED)
        return;
    trade->end = TRADE_CLOSED;
    trade->has_profit = closing->has_profit && closing->size_usd >= CENT;
    trade->profit_usd = closing->profit_usd;
    trade->size_usd = closing->size_usd;
    closing->rank = trade->rank;
}

static int compare_closings(const void *a, const void *b)
{
    const struct closing *first = a, *second = b;
    int by_order = stream_id_compare(first->order, second->order);

    return by_order != 0 ? by_order : stream_id_compare(first->entry, second->entry);
}

/* Of an order it is one, and so it is of an entry where nobody says which order it was. */
static bool is_repeated(const struct closing *before, const struct closing *closing)
{
    return is_id(closing->order) ? stream_id_compare(before->order, closing->order) == 0
                                 : stream_id_compare(before->entry, closing->entry) == 0;
}

/* The first of each stays. */
static void leave_out_repeated(struct trade_book *book)
{
    size_t kept = 0;

    if (book->closing_count > 1)
        qsort(book->closings, book->closing_count, sizeof *book->closings, compare_closings);
    for (size_t i = 0; i < book->closing_count; i++)
        if (kept == 0 || !is_repeated(&book->closings[kept - 1], &book->closings[i]))
            book->closings[kept++] = book->closings[i];
    book->repeated = book->closing_count - kept;
    book->closing_count = kept;
}

void trade_book_close(struct trade_book *book)
{
    take_answers(book);
    leave_out_repeated(book);
    for (size_t i = 0; i < book->closing_count; i++)
        take_closing(book, &book->closings[i]);
}

enum trade_outcome trade_outcome(const struct trade *trade)
{
    if (trade->has_profit)
        return TRADE_REAL;
    return trade->has_estimate ? TRADE_ESTIMATED : TRADE_UNKNOWN;
}

double trade_bps(const struct trade *trade)
{
    return trade->profit_usd / trade->size_usd * BPS;
}
